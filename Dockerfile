# One image for all processes; which one, says the command: gateway, scheduler, standalone, or one of the tools.
#
#   docker build -t quizbell .
#   docker run --init --rm -p 3000:3000 -e NODE_ENV=development quizbell standalone

FROM node:24-trixie-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS build
# Nothing that is needed here has an install script.
RUN --mount=type=cache,target=/npm-cache npm ci --cache /npm-cache --ignore-scripts --no-progress
COPY tsconfig.base.json tsconfig.build.json ./
COPY scripts scripts
COPY libs libs
COPY apps apps
# The benchmarks start processes of their own and need development packages.
RUN node scripts/build.mjs && rm -rf dist/apps/bench dist/.build.json

FROM base AS packages
# Types, source maps, sources and documents of packages are read by nobody at run time; nor is TypeScript, which comes as an
# optional peer.
RUN --mount=type=cache,target=/npm-cache npm ci --cache /npm-cache --omit=dev --ignore-scripts --no-progress \
 && find node_modules -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' -o -iname '*.md' \) -delete \
 && find node_modules -type f \( -name '*.spec.js' -o -name '*.test.js' \) -delete \
 && rm -rf node_modules/.package-lock.json node_modules/.bin node_modules/rxjs/dist/esm5 node_modules/rxjs/dist/bundles \
    node_modules/typescript node_modules/@typescript

FROM node:24-trixie-slim
WORKDIR /app
COPY package.json ./
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY deploy/image ./
# Without a word about it the rules of production hold. The ops port is for health checks and metrics: never publish it.
ENV NODE_ENV=production PORT=3000 QUIZBELL_OPS_PORT=9464
USER node
EXPOSE 3000
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 CMD ["node", "health.mjs"]
ENTRYPOINT ["node", "--enable-source-maps", "start.mjs"]
CMD ["standalone"]
