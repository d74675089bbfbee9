import { describe, expect, it } from '@jest/globals';
import { Metrics } from '#libs/ops';
import { durationMs } from '#libs/timer-core';
import { ClientAddresses } from '../access/client.address.js';
import { JoinGate } from '../access/join.gate.js';
import { MemoryLimits } from '../access/memory.limits.js';
import { refusedAck } from '../wire.refusal.js';
import { JoinHandler } from './join.handler.js';

const LIMIT = 5;
const request = { socket: { remoteAddress: '192.0.2.1' }, headers: {} } as never;
const notFound = refusedAck('room_not_found', 'No such room.');

/** A handler at which, while a PIN is looked up, so many wrong ones of the same address are noted. */
function handlerDuring(wrongPins: number): { handler: JoinHandler; admissions: () => number } {
  const rate = { count: LIMIT, perMs: durationMs(60_000) };
  const off = { connections: null, joins: null, rooms: null, rest: null };
  const limits = new MemoryLimits({ ...off, wrong_pins: rate, wrong_pins_overall: null });
  const gate = new JoinGate(limits, new ClientAddresses(false), new Metrics().gateway);
  let admissions = 0;
  const service = {
    findByPin: async () => {
      for (let i = 0; i < wrongPins; i++) await gate.wrongPin(request, notFound);
      return { kind: 'found', roomId: '000abcdefghijklmnopqrstu' };
    },
  };
  const seats = {
    admission: async () => {
      admissions += 1;
      return { kind: 'refused', code: 'room_full', message: 'This is as far as this test goes.' };
    },
  };
  const unused = {} as never;
  const drain = { isDraining: false } as never;
  const handler = new JoinHandler(
    unused,
    service as never,
    seats as never,
    unused,
    unused,
    unused,
    drain,
    gate,
  );
  return { handler, admissions: () => admissions };
}

const session = (membership: unknown = null) => ({ socket: { request }, membership }) as never;

describe('guesses that come all at once', () => {
  it('gain nothing by being looked up before the others were counted', async () => {
    // Each looked at the record before any had noted a wrong PIN; so hundreds would have been tried instead of five.
    const { handler } = handlerDuring(LIMIT);
    const ack = await handler.join(session(), { pin: '123456', ticks: true });
    expect(ack).toMatchObject({ ok: false, error: { code: 'rate_limited' } });
  });

  it('tell nothing either to somebody who is in another room', async () => {
    const elsewhere = { roomId: '000zzzzzzzzzzzzzzzzzzzzz', role: 'player' };
    const during = async (wrongPins: number) =>
      handlerDuring(wrongPins).handler.join(session(elsewhere), { pin: '123456', ticks: true });
    expect(await during(LIMIT)).toMatchObject({ error: { code: 'rate_limited' } });
    expect(await during(LIMIT - 1)).toMatchObject({ error: { code: 'wrong_phase' } });
  });

  it('are looked at up to the limit', async () => {
    const { handler, admissions } = handlerDuring(LIMIT - 1);
    const ack = await handler.join(session(), { pin: '123456', ticks: true });
    expect(ack).toMatchObject({ ok: false, error: { code: 'room_full' } });
    expect(admissions()).toBe(1);
  });
});
