/** A job of the queue: the room that is due. */
export interface DeadlineJob {
  readonly roomId: string;
}

export const QUEUE_NAME = 'deadlines';

/** BullMQ's keys lie below the contest's prefix, so that they go with it. */
export const queuePrefix = (prefix: string): string => `${prefix}:bull`;
