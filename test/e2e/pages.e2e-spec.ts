import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { rest, startGateway, startStandalone, uniquePrefix } from '#libs/testing';
import { opsUrl } from '../observability/support/ops.port.js';
import { type Cluster, startCluster } from './support/cluster.harness.js';

const ASSET = /\/assets\/[\w.-]+\.(?:js|css)/g;

/** The document of an address, and the files that it names. */
async function pageOf(url: string) {
  const response = await fetch(url);
  const text = await response.text();
  return { response, text, assets: [...text.matchAll(ASSET)].map(([path]) => path) };
}

describe('the pages', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster('pages');
  });
  afterAll(() => cluster.stop());

  it('are the same at every gateway, so that a load balancer may mix them', async () => {
    const [a, b] = await Promise.all([cluster.a, cluster.b].map(({ url }) => pageOf(`${url}/`)));
    expect(a?.response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(a?.text).toContain('id="app"');
    expect(b?.text).toBe(a?.text);
    expect(b?.response.headers.get('etag')).toBe(a?.response.headers.get('etag'));
    expect(a?.assets.length).toBeGreaterThan(0);
    for (const asset of a?.assets ?? []) {
      const response = await fetch(`${cluster.b.url}${asset}`);
      expect([response.status, response.headers.get('cache-control')]).toEqual([
        200,
        'public, max-age=31536000, immutable',
      ]);
    }
  });

  it('leave every other address to the API, with its problems', async () => {
    for (const path of ['/nowhere', '/v1/nowhere', '/assets/nowhere.js']) {
      const { status, headers, body } = await rest(`${cluster.a.url}${path}`);
      expect([status, headers.get('content-type'), body.code]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
        'not_found',
      ]);
    }
    expect((await rest(`${cluster.a.url}/v1/rooms`, { body: {} })).status).toBe(201);
  });

  it('are not counted as REST', async () => {
    const single = await startStandalone({ prefix: uniquePrefix('pages-counted') });
    const counted = async () => {
      const { body } = await rest(`${opsUrl(single)}/metrics`);
      return String(body).match(/rest_requests_total\{.*/g);
    };
    await pageOf(single.url);
    expect(await counted()).toBeNull();
    await rest(`${single.url}/nowhere`);
    expect(await counted()).toEqual(['rest_requests_total{method="GET",status="404"} 1']);
  });

  it('are served by the single process, too', async () => {
    const single = await startStandalone({ prefix: uniquePrefix('pages-single') });
    expect((await pageOf(`${single.url}/play/123456`)).text).toBe((await pageOf(cluster.a.url)).text);
  });

  it('are not there where the operator does not want them', async () => {
    const bare = await startGateway({ prefix: cluster.prefix, env: { QUIZBELL_PAGES: 'false' } });
    const { status, body } = await rest(`${bare.url}/`);
    expect([status, body.code]).toEqual([404, 'not_found']);
    expect((await fetch(`${bare.url}/docs`)).status).toBe(200);
  });
});
