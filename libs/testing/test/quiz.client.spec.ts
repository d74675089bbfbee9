import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Server } from 'socket.io';
import { rest, TestClient } from '#libs/testing';

// A stand-in for a gateway: just enough of the wire to talk to.
let http: HttpServer;
let io: Server;
let url: string;

beforeAll(async () => {
  http = createServer((request, response) => {
    if (request.url?.startsWith('/socket.io')) return;
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      if (request.method === 'DELETE') return response.writeHead(204).end();
      response.writeHead(body === 'nonsense' ? 400 : 200, {
        'content-type': 'application/problem+json; charset=utf-8',
      });
      response.end(
        JSON.stringify({ method: request.method, authorization: request.headers.authorization, body }),
      );
    });
  });
  io = new Server(http);
  io.of('/quiz').on('connection', (socket) => {
    socket.emit('hello', { pin: socket.handshake.query.pin, transport: socket.conn.transport.name });
    socket.on('clock:sync', (payload, ack) => ack({ ok: true, ...payload }));
    socket.on('ask:twice', () => {
      socket.emit('reply', { number: 1 });
      socket.emit('reply', { number: 2 });
    });
    socket.on('throw:out', () => socket.disconnect(true));
  });
  io.of('/closed').use((_socket, next) => next(new Error('not here')));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
});

afterAll(async () => {
  await io.close();
});

describe('the test client', () => {
  it('connects by websocket, with the pin in the query, and records what comes at once', async () => {
    const client = await TestClient.connect(url, { pin: '123456' });
    const hello = await client.waitFor('hello');
    expect(hello.payload).toEqual({ pin: '123456', transport: 'websocket' });
    expect(Math.abs(performance.now() - hello.receivedAt)).toBeLessThan(5_000);
    client.close();
    await expect(client.ended).resolves.toBe('io client disconnect');
  });

  it('gives acknowledgements, and an error where none comes', async () => {
    const client = await TestClient.connect(url);
    await expect(client.call('clock:sync', { sentAt: 7 })).resolves.toEqual({ ok: true, sentAt: 7 });
    await expect(client.call('unheard:of', {}, 50)).rejects.toThrow('No acknowledgement of unheard:of');
    client.close();
  });

  it('waits for the event that fits, heard already or not, and counts what it heard', async () => {
    const client = await TestClient.connect(url);
    const second = client.waitFor('reply', (payload) => payload.number === 2);
    client.send('ask:twice');
    expect((await second).payload).toEqual({ number: 2 });
    expect((await client.waitFor('reply')).payload).toEqual({ number: 1 });
    expect(client.events('reply')).toHaveLength(2);
    expect(client.events().map((one) => one.event)).toEqual(['hello', 'reply', 'reply']);
    const more = client.waitFor('reply', undefined, { since: client.received.length, timeoutMs: 30 });
    await expect(more).rejects.toThrow('No reply in 30 ms that fits; heard: nothing');
    await expect(client.waitFor('tick', undefined, { timeoutMs: 30 })).rejects.toThrow(
      'heard: hello (1), reply (2)',
    );
    client.close();
  });

  it('does not come back by itself unless asked to', async () => {
    const once = await TestClient.connect(url);
    once.send('throw:out');
    await expect(once.ended).resolves.toBe('io server disconnect');
    expect(once.socket.active).toBe(false);
    const again = await TestClient.connect(url, { reconnection: true });
    await again.waitFor('hello');
    const since = again.received.length;
    again.dropConnection();
    await again.waitFor('hello', undefined, { since });
    again.close();
  });

  it('fails where it is refused and where nobody listens', async () => {
    await expect(TestClient.connect(url, { namespace: '/closed' })).rejects.toThrow('not here');
    await expect(TestClient.connect('http://127.0.0.1:1')).rejects.toThrow(
      'No connection to http://127.0.0.1:1',
    );
  });
});

describe('rest', () => {
  it('sends the key and a JSON body, and parses the answer', async () => {
    const answer = await rest(`${url}/v1/rooms`, { key: 'k1', body: { settings: {} } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('json');
    expect(answer.body).toEqual({ method: 'POST', authorization: 'Bearer k1', body: '{"settings":{}}' });
  });

  it('gives an error status as an answer, and undefined for no body', async () => {
    expect((await rest(url, { body: 'nonsense', method: 'POST' })).status).toBe(400);
    expect(await rest(url, { method: 'DELETE' })).toMatchObject({ status: 204, body: undefined });
    expect((await rest(url)).body).toMatchObject({ method: 'GET' });
  });
});
