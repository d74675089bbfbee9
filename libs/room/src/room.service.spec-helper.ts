import { type Command, durationMs } from '#libs/timer-core';
import type { RoomRefusal } from './room.refusal.js';

export const start = (more: Partial<Command & { type: 'question:start' }> = {}): Command => ({
  type: 'question:start',
  actor: 'host',
  questionId: 'q1',
  durationMs: durationMs(20_000),
  leadInMs: durationMs(0),
  graceMs: durationMs(0),
  tickMs: durationMs(1_000),
  ...more,
});
export const act = (
  type: 'question:pause' | 'question:resume' | 'question:stop' | 'room:close',
  commandId = '',
): Command => ({
  type,
  actor: 'host',
  ...(commandId === '' ? {} : { commandId }),
});

/** The result, which must be of that kind. */
export function as<Kind extends string, T extends { kind: string }>(
  kind: Kind,
  result: T,
): Extract<T, { kind: Kind }> {
  if (result.kind !== kind) throw new Error(`not ${kind} but ${JSON.stringify(result)}`);
  return result as Extract<T, { kind: Kind }>;
}
export const refusal = (result: { kind: string }): string =>
  (as('refused', result) as unknown as RoomRefusal).code;
