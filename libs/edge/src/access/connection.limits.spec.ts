import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { loadConfig, Metrics } from '#libs/ops';
import { ClientAddresses } from './client.address.js';
import { ConnectionLimits } from './connection.limits.js';
import { MemoryLimits } from './memory.limits.js';

class Connection extends EventEmitter {
  readonly request: IncomingMessage;

  constructor(remoteAddress: string) {
    super();
    this.request = { socket: { remoteAddress }, headers: {} } as unknown as IncomingMessage;
  }
}

function gateway(env: Record<string, string>) {
  const { limits } = loadConfig(env, 'standalone');
  const connections = new ConnectionLimits(
    limits,
    new MemoryLimits(limits.shared),
    new ClientAddresses(false),
    new Metrics().gateway,
  );
  const connect = async (address: string) => {
    const connection = new Connection(address);
    connections.add(connection);
    return { connection, refusal: await connections.refusalOf(connection) };
  };
  return { connections, connect };
}

describe('connections', () => {
  it('are let in up to the limit of an address, which counts those that are open', async () => {
    const { connect } = gateway({ QUIZBELL_MAX_CONNECTIONS_PER_ADDRESS: '2' });
    const [first] = [await connect('192.0.2.1'), await connect('192.0.2.1')];
    expect(first.refusal).toBeNull();
    const { connection, refusal } = await connect('192.0.2.1');
    expect(refusal).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 5_000 });
    expect((await connect('192.0.2.2')).refusal).toBeNull();
    connection.emit('close');
    first.connection.emit('close');
    expect((await connect('192.0.2.1')).refusal).toBeNull();
  });

  it('are let in up to the limit of the gateway; a few more are told so, and further ones not opened', async () => {
    const { connections, connect } = gateway({ QUIZBELL_MAX_CONNECTIONS: '2' });
    for (let i = 0; i < 2; i++) expect((await connect(`192.0.2.${i}`)).refusal).toBeNull();
    const told = [];
    while (connections.mayOpen()) told.push((await connect('192.0.2.9')).refusal);
    expect(told).toHaveLength(100);
    for (const refusal of told) expect(refusal).toMatchObject({ code: 'rate_limited' });
  });

  it('of one address come no faster than their rate', async () => {
    const { connect } = gateway({ QUIZBELL_RATE_CONNECTIONS: '2/60s' });
    const refusals = [];
    for (let i = 0; i < 3; i++) {
      const { connection, refusal } = await connect('192.0.2.1');
      connection.emit('close');
      refusals.push(refusal?.code);
    }
    expect(refusals).toEqual([undefined, undefined, 'rate_limited']);
    expect((await connect('192.0.2.2')).refusal).toBeNull();
  });
});
