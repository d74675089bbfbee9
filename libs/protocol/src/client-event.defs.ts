import type { z } from 'zod';
import {
  answerSubmitAckSchema,
  clockSyncAckSchema,
  emptyAckSchema,
  questionAckSchema,
  roomCloseAckSchema,
  roomJoinAckSchema,
  roomRosterAckSchema,
} from './ack.schema.js';
import {
  answerSubmitPayloadSchema,
  clockSyncPayloadSchema,
  emptyPayloadSchema,
  memberKickPayloadSchema,
  questionCommandPayloadSchema,
  questionExtendPayloadSchema,
  questionStartPayloadSchema,
  roomClosePayloadSchema,
  roomJoinPayloadSchema,
  roomRosterPayloadSchema,
} from './client-event.schema.js';
import type { ClientEventName } from './wire/event.names.js';
import { ROLES, type Role } from './wire/protocol.constants.js';

/** What the contract says of one client event. */
export interface ClientEventDef {
  readonly payload: z.ZodType;
  readonly ack: z.ZodType;
  /**
   * Who may send it. `anyone`: also a socket that has not joined. A list: only after a join (else `unauthorized`), and
   * only with one of these roles (else `forbidden`).
   */
  readonly roles: 'anyone' | readonly Role[];
}

/** The roles that may send host commands. */
export const HOST_ROLES = ['host', 'co-host'] as const satisfies readonly Role[];

/** Every client event: its payload, its ack and who may send it. Edge, SDK and documentation read this table. */
export const clientEventDefs = {
  'room:join': { payload: roomJoinPayloadSchema, ack: roomJoinAckSchema, roles: 'anyone' },
  'room:leave': { payload: emptyPayloadSchema, ack: emptyAckSchema, roles: ROLES },
  'room:roster': { payload: roomRosterPayloadSchema, ack: roomRosterAckSchema, roles: HOST_ROLES },
  'room:close': { payload: roomClosePayloadSchema, ack: roomCloseAckSchema, roles: HOST_ROLES },
  'clock:sync': { payload: clockSyncPayloadSchema, ack: clockSyncAckSchema, roles: 'anyone' },
  'question:start': { payload: questionStartPayloadSchema, ack: questionAckSchema, roles: HOST_ROLES },
  'question:pause': { payload: questionCommandPayloadSchema, ack: questionAckSchema, roles: HOST_ROLES },
  'question:resume': { payload: questionCommandPayloadSchema, ack: questionAckSchema, roles: HOST_ROLES },
  'question:extend': { payload: questionExtendPayloadSchema, ack: questionAckSchema, roles: HOST_ROLES },
  'question:stop': { payload: questionCommandPayloadSchema, ack: questionAckSchema, roles: HOST_ROLES },
  'answer:submit': { payload: answerSubmitPayloadSchema, ack: answerSubmitAckSchema, roles: ['player'] },
  'member:kick': { payload: memberKickPayloadSchema, ack: emptyAckSchema, roles: HOST_ROLES },
} as const satisfies Record<ClientEventName, ClientEventDef>;
