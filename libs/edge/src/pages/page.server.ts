import type { NextFunction, Request, Response } from 'express';
import type { Logger } from '#libs/ops';
import { type PageFile, readPageFiles } from './page.files.js';

/** One document for all pages; which one it shows, it reads from its own address. */
const DOCUMENT = '/index.html';
const PAGE_PATHS = /^\/(?:play(?:\/[^/]*)?|host\/[^/]+|screen\/[^/]+)?$/;
/** Their names change with their content. */
const HASHED = /^\/assets\//;

const CACHE = {
  document: 'no-cache',
  hashed: 'public, max-age=31536000, immutable',
  other: 'public, max-age=3600',
} as const;

/** Nothing is loaded from anywhere else, no script is inline; `'self'` of `connect-src` is websockets, too. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const NOT_BUILT =
  'The pages of Quizbell were not built: run "npm run build" and start again. The API is at /docs.\n';

/** The pages for hosts, players and screens, as a middleware; everything that is none of them goes on to the routes. */
export class PageServer {
  private readonly files: ReadonlyMap<string, PageFile>;

  /** @param folder what `npm run build` has made of them; with a missing one the pages' addresses say so */
  constructor(folder: string, logger: Logger) {
    this.files = readPageFiles(folder);
    if (!this.files.has(DOCUMENT)) logger.warn('the pages are not served: they were not built');
  }

  readonly handle = (request: Request, response: Response, next: NextFunction): void => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      next();
      return;
    }
    const isPage = PAGE_PATHS.test(request.path);
    const name = isPage ? DOCUMENT : request.path;
    const file = this.files.get(name);
    if (file !== undefined) {
      this.send(name, file, request, response).catch(next);
    } else if (isPage) {
      response.status(503).type('text/plain').send(NOT_BUILT);
    } else {
      next();
    }
  };

  private async send(name: string, file: PageFile, request: Request, response: Response): Promise<void> {
    response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cache-Control', cacheOf(name));
    response.vary('Accept-Encoding');
    const gzipped = request.acceptsEncodings('gzip', 'identity') === 'gzip' ? await file.gzipped() : null;
    // Weak: one tag for both encodings.
    response.setHeader('ETag', `W/${file.etag}`);
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    const body = gzipped ?? file.plain;
    if (gzipped !== null) response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Content-Type', file.type);
    response.setHeader('Content-Length', body.length);
    response.end(body);
  }
}

function cacheOf(name: string): string {
  if (name === DOCUMENT) return CACHE.document;
  return HASHED.test(name) ? CACHE.hashed : CACHE.other;
}
