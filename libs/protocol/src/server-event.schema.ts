import { z } from 'zod';
import { countSchema, durationMsSchema, epochMsSchema, idSchema, versionSchema } from './field.schema.js';
import { snapshotSchema } from './snapshot.schema.js';
import type { ServerEventName } from './wire/event.names.js';
import { QUESTION_CLOSE_REASONS, REMOVAL_REASONS, ROOM_CLOSE_REASONS } from './wire/protocol.constants.js';

/** Of `question:tick`: a snapshot without `content`; `version` is the one that the tick was planned on. */
export const questionTickSchema = snapshotSchema.omit({ content: true });

/** Of `question:closed`: a snapshot that always says why and when. */
export const questionClosedSchema = snapshotSchema.extend({
  reason: z.enum(QUESTION_CLOSE_REASONS),
  closedAt: epochMsSchema,
});

/** Of `room:state`: the gateway may have missed events; adopt this. */
export const roomStateSchema = z.object({ snapshot: snapshotSchema });

/** Of `room:presence`: who is connected now; at most one a second. */
export const roomPresenceSchema = z.object({
  roomId: idSchema,
  players: countSchema,
  spectators: countSchema,
  hostConnected: z.boolean(),
  serverNow: epochMsSchema,
});

/** Of `room:closed`: the room is over. */
export const roomClosedSchema = z.object({
  roomId: idSchema,
  version: versionSchema,
  reason: z.enum(ROOM_CLOSE_REASONS),
  serverNow: epochMsSchema,
});

/** Of `answers:count`: to hosts and spectators only, throttled. */
export const answersCountSchema = z.object({
  roomId: idSchema,
  questionId: idSchema,
  count: countSchema,
  serverNow: epochMsSchema,
});

/** Of `server:draining`: this gateway is going away; connect again after `reconnectAfterMs`. */
export const serverDrainingSchema = z.object({ reconnectAfterMs: durationMsSchema });

/** Of `member:removed`: to the one member, before its connection ends. */
export const memberRemovedSchema = z.object({ reason: z.enum(REMOVAL_REASONS) });

/** The payload of every server event; the events of a question carry the snapshot itself. */
export const serverEventSchemas = {
  'question:started': snapshotSchema,
  'question:opened': snapshotSchema,
  'question:tick': questionTickSchema,
  'question:paused': snapshotSchema,
  'question:resumed': snapshotSchema,
  'question:extended': snapshotSchema,
  'question:closed': questionClosedSchema,
  'room:state': roomStateSchema,
  'room:presence': roomPresenceSchema,
  'room:closed': roomClosedSchema,
  'answers:count': answersCountSchema,
  'server:draining': serverDrainingSchema,
  'member:removed': memberRemovedSchema,
} as const satisfies Record<ServerEventName, z.ZodType>;

export type QuestionTick = z.output<typeof questionTickSchema>;
export type QuestionClosed = z.output<typeof questionClosedSchema>;
export type RoomState = z.output<typeof roomStateSchema>;
export type RoomPresence = z.output<typeof roomPresenceSchema>;
export type RoomClosed = z.output<typeof roomClosedSchema>;
export type AnswersCount = z.output<typeof answersCountSchema>;
export type ServerDraining = z.output<typeof serverDrainingSchema>;
export type MemberRemoved = z.output<typeof memberRemovedSchema>;
