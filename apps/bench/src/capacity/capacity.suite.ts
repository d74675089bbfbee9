import { startCluster } from '../cluster/bench.cluster.js';
import { benchRedis } from '../process/private.redis.js';
import { runFacts, tell } from '../suite.output.js';
import { aborted, EXIT, progress, type Suite } from '../suite.types.js';
import { type CapacityOptions, parseCapacityOptions } from './capacity.options.js';
import { capacityResult, capacityTables, GOAL_ERROR } from './capacity.report.js';
import {
  CapacityScene,
  measureSize,
  PART_SIZE,
  PROBED_ARGS,
  PROBED_ENV,
  ROOM_SIZE,
  SCHEDULER_ENV,
} from './capacity.scene.js';
import { GATEWAYS, type SizeRound } from './capacity.windows.js';

/** Before anything is measured at a size: what is compiled after so many is compiled then. */
const WARM_UP_ANSWERS = 9_000;

const HELP = `Usage: npm run bench -- capacity [options]

Plays with a whole system at three sizes, fits what each unit of work costs on all sizes but the largest, predicts the largest and
prints by how much that is wrong (goal: at most ${100 * GOAL_ERROR} %), and plans for more players than this machine can serve. Redis, a
scheduler, three gateways, and players on bare websockets in processes of their own. One gateway has players in rooms of ${ROOM_SIZE},
half of them with ticks, one has as many in parts of rooms of ${PART_SIZE}, as when a room is spread over many gateways, and one has the
commands of the hosts.

  --sizes 2500,5000,10000  so many players, rising, three sizes or more; as many again in small rooms
  --rounds 5               so many rounds, each of all sizes and with processes of its own
  --seconds 5              so long is each thing watched; 5, 10 and so on, so that each connection has as many heartbeats
  --plan 10000,100000,1000000   plans for so many players
  --room-size 50           of the plan: players of a room
  --question 20            of the plan: seconds of a question
  --pause 10               of the plan: seconds between two questions
  --answer-percent 100     of the plan: so many of the players answer
  --retention 24           of the plan: hours for which answers are kept (QUIZBELL_RETENTION_MS, which is 168 as it comes)
  --headroom 60            of the plan: so much of a core, of memory, of a link is used at most (%)
  --busy-hours 120         of the plan: hours of a month in which so many play
  --core-hour 0.04         assumed price of a core for an hour; in any currency, no quote
  --gb-hour 0.005          assumed price of a GB of memory for an hour
  --egress-gb 0.05         assumed price of a GB sent to players
  --smoke                  20, 40 and 60 players, half a second, 1 round; errors are not judged
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --note TEXT              stands in that document: what else was going on
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://), of a Redis that nobody else uses; without one a private redis-server is
started and, at the end, removed.

Exit codes: 0 everybody stayed and was heard (whatever it cost), 1 not so, 2 could not run.`;

/** `npm run bench -- capacity`. */
export const capacitySuite: Suite = {
  summary: 'what each unit of work costs, and what a million players would need',
  help: HELP,
  async run(args, stop) {
    const options = parseCapacityOptions(args);
    const { seconds, rounds, isSmoke, scenario, prices, plan } = options;
    const redis = await benchRedis(process.env);
    try {
      const facts = await runFacts('capacity', args, redis.url, options.note);
      const measured: RoundMeasured[] = [];
      for (let round = 1; round <= rounds; round++) {
        progress(`round ${round} of ${rounds}`);
        measured.push(await measureRound(redis.url, options, stop));
      }
      const bySize = options.sizes.map((_, i) => measured.flatMap(({ sizes }) => sizes.slice(i, i + 1)));
      const { bytes, connections } = measured.at(-1) as RoundMeasured;
      const about = {
        ...facts,
        seconds,
        roomSize: ROOM_SIZE,
        partSize: PART_SIZE,
        rounds,
        scenario,
        prices,
        plan,
      };
      const result = capacityResult(bySize, { bytes, connections, isSmoke }, about);
      await tell(result, capacityTables(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

interface RoundMeasured {
  readonly sizes: readonly SizeRound[];
  readonly bytes: Awaited<ReturnType<CapacityScene['eventBytes']>>;
  readonly connections: Awaited<ReturnType<CapacityScene['connections']>>;
}

/** All sizes, rising, with processes of its own: what the machine is slow at for a while hits a size in one round, not in all. */
async function measureRound(
  redisUrl: string,
  options: CapacityOptions,
  stop: AbortSignal,
): Promise<RoundMeasured> {
  const { seconds, isSmoke } = options;
  const prefix = `bench-${process.pid}`;
  const cluster = await startCluster({
    redisUrl,
    prefix,
    gateways: GATEWAYS.length,
    nodeArgs: PROBED_ARGS,
    gatewayEnv: PROBED_ENV,
    schedulerEnv: SCHEDULER_ENV,
  });
  const scene = new CapacityScene({ cluster, redisUrl, prefix, seconds, isSmoke });
  try {
    return await Promise.race([measureSizes(scene, options), cluster.died, aborted(stop)]);
  } finally {
    await scene.stop();
    await cluster.stop();
  }
}

async function measureSizes(
  scene: CapacityScene,
  { sizes, isSmoke }: CapacityOptions,
): Promise<RoundMeasured> {
  const measured: SizeRound[] = [];
  for (const size of sizes) {
    const warmUps = isSmoke ? 0 : Math.ceil(WARM_UP_ANSWERS / size);
    const round = await measureSize(scene, { size, warmUps });
    progress(roundLine(round));
    measured.push(round);
  }
  return { sizes: measured, bytes: await scene.eventBytes(), connections: await scene.connections() };
}

function roundLine({ players, windows }: SizeRound): string {
  const parts = windows.map(({ window, gateways, scheduler, redis }) => {
    const costs = [...GATEWAYS.map((name) => gateways[name].cost), scheduler.cost, redis.cost];
    return `${window} ${costs.map((ms) => ms.toFixed(0)).join(' ')}`;
  });
  return `  ${players} players, ms/s of the gateways, scheduler, Redis: ${parts.join('; ')}`;
}
