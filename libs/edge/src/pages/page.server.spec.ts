import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { createLogger } from '#libs/ops';
import { PageServer } from './page.server.js';

const DOCUMENT = '<!doctype html><div id="app"></div>';
const SCRIPT = `console.log(${JSON.stringify('x'.repeat(2_000))});`;

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** Sends the path as it is; `fetch` would take `..` out of it. */
function ask(
  url: string,
  target: string,
  options: { method?: string; headers?: object } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const headers = { ...options.headers };
    request({ hostname, port, path: target, method: options.method ?? 'GET', headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    })
      .on('error', reject)
      .end();
  });
}

describe('the server of the pages', () => {
  let around: string;
  let server: Server;
  let unbuilt: Server;
  const urlOf = (one: Server) => `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
  const get = (target: string, headers: object = {}) => ask(urlOf(server), target, { headers });

  const listening = async (folder: string): Promise<Server> => {
    const app = express();
    app.use(new PageServer(folder, createLogger({ name: 'pages', level: 'silent' })).handle);
    app.use((_request, response) => {
      response.status(404).send('a route');
    });
    return new Promise((resolve) => {
      const one = app.listen(0, '127.0.0.1', () => resolve(one));
    });
  };

  beforeAll(async () => {
    around = mkdtempSync(path.join(tmpdir(), 'pages-'));
    const folder = path.join(around, 'web');
    mkdirSync(path.join(folder, 'assets'), { recursive: true });
    writeFileSync(path.join(around, 'secret.txt'), 'secret');
    writeFileSync(path.join(folder, 'index.html'), DOCUMENT);
    writeFileSync(path.join(folder, 'icon.svg'), '<svg/>');
    writeFileSync(path.join(folder, 'assets', 'index-1a2b.js'), SCRIPT);
    server = await listening(folder);
    unbuilt = await listening(path.join(around, 'nowhere'));
  });
  afterAll(() => {
    for (const one of [server, unbuilt]) {
      one.close();
      one.closeAllConnections();
    }
    rmSync(around, { recursive: true });
  });

  it.each(['/', '/play', '/play/123456', '/host/3-abc', '/screen/3-abc', '/?pin=1', '/index.html'])(
    'answers %s with the document, which is asked for anew each time',
    async (target) => {
      const { status, headers, body } = await get(target);
      expect([status, body.toString(), headers['content-type']]).toEqual([
        200,
        DOCUMENT,
        'text/html; charset=utf-8',
      ]);
      expect(headers['cache-control']).toBe('no-cache');
    },
  );

  it('lets browsers keep a file whose name has a hash', async () => {
    const { status, headers, body } = await get('/assets/index-1a2b.js');
    expect([status, body.toString()]).toEqual([200, SCRIPT]);
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await get('/icon.svg')).headers['cache-control']).toBe('public, max-age=3600');
  });

  it('allows scripts, styles and connections of this origin only, and no frame around it', async () => {
    for (const target of ['/', '/assets/index-1a2b.js']) {
      const { headers } = await get(target);
      const policy = String(headers['content-security-policy']);
      for (const rule of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]) {
        expect(policy.split('; ')).toContain(rule);
      }
      expect(policy).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('no-referrer');
    }
  });

  it('does not send again what the browser has', async () => {
    const first = await get('/assets/index-1a2b.js');
    const again = await get('/assets/index-1a2b.js', { 'If-None-Match': first.headers.etag });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    expect((await get('/', { 'If-None-Match': first.headers.etag })).status).toBe(200);
  });

  it('compresses for those who can read it', async () => {
    const { headers, body } = await get('/assets/index-1a2b.js', { 'Accept-Encoding': 'gzip, deflate, br' });
    expect(headers['content-encoding']).toBe('gzip');
    expect(headers.vary).toBe('Accept-Encoding');
    expect(body.length).toBeLessThan(SCRIPT.length / 10);
    expect(gunzipSync(body).toString()).toBe(SCRIPT);
    expect((await get('/assets/index-1a2b.js', { 'Accept-Encoding': 'br' })).headers).not.toHaveProperty(
      'content-encoding',
    );
  });

  it('answers HEAD with the same headers and nothing else', async () => {
    const whole = await get('/');
    const { status, headers, body } = await ask(urlOf(server), '/', { method: 'HEAD' });
    expect([status, body.length]).toEqual([200, 0]);
    expect({ ...headers, date: null }).toEqual({ ...whole.headers, date: null });
  });

  it.each([
    '/nowhere',
    '/play/1/2',
    '/host',
    '/host/',
    '/screen/a/b',
    '/assets/nowhere.js',
    '/assets',
    '/v1/rooms',
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '//secret.txt',
    '/%00',
    '/%E0%A4%A',
    '/__proto__',
  ])('leaves %s to the routes', async (target) => {
    const { status, body } = await get(target);
    expect([status, body.toString()]).toEqual([404, 'a route']);
  });

  it('leaves everything but GET and HEAD to the routes', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await ask(urlOf(server), '/', { method })).status).toBe(404);
    }
  });

  it('says so where the pages were not built', async () => {
    const { status, headers, body } = await ask(urlOf(unbuilt), '/');
    expect([status, headers['content-type']]).toEqual([503, 'text/plain; charset=utf-8']);
    expect(body.toString()).toContain('npm run build');
    expect((await ask(urlOf(unbuilt), '/assets/index-1a2b.js')).status).toBe(404);
  });
});
