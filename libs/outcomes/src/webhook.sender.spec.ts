import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { BlockedAddressError } from './public.address.js';
import { WebhookSender } from './webhook.sender.js';

const servers: Server[] = [];
const senders: WebhookSender[] = [];

afterEach(async () => {
  for (const sender of senders.splice(0)) sender.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function receiver(handle: RequestListener): Promise<number> {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

function sender(options: Partial<ConstructorParameters<typeof WebhookSender>[0]> = {}): WebhookSender {
  const made = new WebhookSender({ timeoutMs: 20_000, allowPrivate: true, ...options });
  senders.push(made);
  return made;
}

const post = (by: WebhookSender, url: string, signal = new AbortController().signal) =>
  by.post({ url: new URL(url), headers: { 'webhook-id': 'm1' }, body: Buffer.from('{"é":1}') }, signal);

describe('a message', () => {
  it('is posted as it is, and its status is the answer', async () => {
    const heard: unknown[] = [];
    const port = await receiver(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method, url, headers } = request;
      heard.push([method, url, headers['webhook-id'], Buffer.concat(chunks).toString()]);
      response.writeHead(202).end('x'.repeat(1_000_000));
    });
    expect(await post(sender(), `http://127.0.0.1:${port}/hook?a=1`)).toBe(202);
    expect(heard).toEqual([['POST', '/hook?a=1', 'm1', '{"é":1}']]);
  });

  it('is not sent on where the receiver redirects', async () => {
    let asked = 0;
    const port = await receiver((request, response) => {
      asked += 1;
      const location = `http://${request.headers.host}/elsewhere`;
      response.writeHead(307, { location }).end();
    });
    expect(await post(sender(), `http://127.0.0.1:${port}/`)).toBe(307);
    expect(asked).toBe(1);
  });

  it('fails when the receiver hangs, cuts the connection, or is not there', async () => {
    const hangs = await receiver(() => {});
    await expect(post(sender({ timeoutMs: 100 }), `http://127.0.0.1:${hangs}/`)).rejects.toThrow(
      /within 100 ms/,
    );
    const cuts = await receiver((request) => request.socket.destroy());
    await expect(post(sender(), `http://127.0.0.1:${cuts}/`)).rejects.toThrow(/hang up|RESET/);
    await expect(post(sender(), 'http://127.0.0.1:1/')).rejects.toThrow(/REFUSED/);
  });

  it('under way is given up when the process stops', async () => {
    const stop = new AbortController();
    const port = await receiver(() => stop.abort());
    await expect(post(sender(), `http://127.0.0.1:${port}/`, stop.signal)).rejects.toThrow(/abort/i);
  });
});

describe('internal addresses', () => {
  it.each([
    'https://127.0.0.1',
    'https://localhost',
    'https://[::1]',
    'https://2130706433',
    'http://127.0.0.1',
  ])('are not asked unless that is allowed: %s', async (host) => {
    let asked = 0;
    const port = await receiver((_request, response) => {
      asked += 1;
      response.end();
    });
    servers[0]?.on('connection', () => {
      asked += 1;
    });
    await expect(post(sender({ allowPrivate: false }), `${host}:${port}/`)).rejects.toBeInstanceOf(
      BlockedAddressError,
    );
    expect(asked).toBe(0);
  });
});
