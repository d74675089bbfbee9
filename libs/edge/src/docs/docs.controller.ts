import { Controller, Get, Header, NotFoundException, Param, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { asyncApiDocument } from './asyncapi.document.js';
import { DOCS_PAGE } from './docs.page.js';
import { openApiDocument } from './openapi.document.js';
import { UiFiles } from './ui.files.js';

/** Swagger UI sets styles of elements and has its icons as `data:`; everything else comes from here or not at all. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');
const JSON_TYPE = 'application/json; charset=utf-8';
/** The files change with the release only, and are asked for anew after that. */
const FILE_CACHE = 'public, max-age=3600';

/** The documents of this service, for people and for tools. Nothing is loaded from anywhere else. */
@Controller('docs')
export class DocsController {
  private readonly files = new UiFiles();
  private readonly openApi = once(() => JSON.stringify(openApiDocument()));
  private readonly asyncApi = once(() => JSON.stringify(asyncApiDocument()));

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', CONTENT_SECURITY_POLICY)
  @Header('X-Content-Type-Options', 'nosniff')
  @Header('Referrer-Policy', 'no-referrer')
  page(): string {
    return DOCS_PAGE;
  }

  @Get('openapi.json')
  @Header('Content-Type', JSON_TYPE)
  readOpenApi(): string {
    return this.openApi();
  }

  @Get('asyncapi.json')
  @Header('Content-Type', JSON_TYPE)
  readAsyncApi(): string {
    return this.asyncApi();
  }

  /** @throws NotFoundException, as for a route that nobody serves */
  @Get('ui/:file')
  async file(@Param('file') name: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const file = await this.files.get(name);
    if (file === null) throw new NotFoundException();
    const { type, plain, gzipped } = file;
    const isGzipWanted = request.acceptsEncodings('gzip', 'identity') === 'gzip';
    if (isGzipWanted) response.setHeader('Content-Encoding', 'gzip');
    response.vary('Accept-Encoding');
    response.setHeader('Content-Type', type);
    response.setHeader('Cache-Control', FILE_CACHE);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.end(isGzipWanted ? gzipped : plain);
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
