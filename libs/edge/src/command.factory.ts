import type { ClientEventPayload } from '#libs/protocol';
import type { StartExtras } from '#libs/room';
import type { Command, StartCommand } from '#libs/timer-core';

/** The events that are commands of a host to the room. */
export type HostEvent =
  | 'question:start'
  | 'question:pause'
  | 'question:resume'
  | 'question:extend'
  | 'question:stop'
  | 'room:close';

/** A parsed host command, of a socket or of a REST request. */
export type HostRequest = {
  [E in HostEvent]: { readonly event: E; readonly payload: ClientEventPayload<E> };
}[HostEvent];

/** A command as the rules take it, and what it carries besides. */
export interface RoomOrder {
  readonly command: Command;
  readonly extras: StartExtras;
}

/** @param actor who gives it; part of what makes a repeat a repeat */
export function orderOf(request: HostRequest, actor: string): RoomOrder {
  switch (request.event) {
    case 'question:start':
      return startOrder(request.payload, actor);
    case 'question:pause':
    case 'question:resume':
    case 'question:stop':
    case 'room:close':
      return { command: { type: request.event, actor, ...request.payload }, extras: {} };
    case 'question:extend':
      return { command: { type: request.event, actor, ...request.payload }, extras: {} };
    default:
      return request satisfies never;
  }
}

function startOrder(payload: ClientEventPayload<'question:start'>, actor: string): RoomOrder {
  const { content, correct, leadInMs, startAt, mayChangeAnswer, ...rest } = payload;
  const opening = startAt === undefined ? { leadInMs } : { startAt, leadInMs: 0 as StartCommand['leadInMs'] };
  return {
    command: {
      type: 'question:start',
      actor,
      ...rest,
      ...opening,
      ...(mayChangeAnswer ? { mayChangeAnswer } : {}),
    },
    extras: {
      ...(content === undefined ? {} : { content: JSON.stringify(content) }),
      ...(correct === undefined ? {} : { correct: JSON.stringify(correct) }),
    },
  };
}
