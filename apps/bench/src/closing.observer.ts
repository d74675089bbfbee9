/** A room that must close once, at `endsAt`, and not before. */
export interface DueRoom {
  readonly roomId: string;
  readonly runId: number;
  /** Redis' clock, ms. */
  readonly endsAt: number;
}

/** One message as a subscriber got it. */
export interface ReceivedFrame {
  /** Text of the Socket.IO adapter's message. */
  readonly frame: string;
  /** When it was received: Redis' clock, ms, with fractions. */
  readonly receivedAt: number;
}

/** What was heard of the rooms that had to close. */
export interface ClosingReport {
  /** Rooms whose closing nobody heard of. */
  readonly lost: readonly string[];
  /** Rooms whose run closed more than once. */
  readonly doubled: readonly string[];
  /** Rooms that closed before their deadline by Redis' clock. */
  readonly early: readonly string[];
  /** Rooms that closed, but not as an expiry of the run and deadline that were set. */
  readonly wrong: readonly string[];
  /** Of each first closing: lateness (ms) of the instant that the publishing script read from Redis when it began. */
  readonly publishedMs: readonly number[];
  /** Of each first closing: lateness (ms) until a subscriber had it. */
  readonly receivedMs: readonly number[];
}

interface Closing {
  readonly roomId: string;
  readonly runId: number;
  readonly endsAt: number;
  readonly serverNow: number;
  readonly reason: string;
}

/** The event that tells of it. */
export const CLOSED_EVENT = 'question:closed';

/** The adapter's message around one event, as far as it is read here. */
interface AdapterMessage {
  readonly data?: { readonly packet?: { readonly data?: readonly [string, Closing] } };
}

/** The closing that a frame tells of, or null for every other event. */
function closingIn(frame: string): Closing | null {
  const [event, payload] = (JSON.parse(frame) as AdapterMessage).data?.packet?.data ?? [];
  return event === CLOSED_EVENT && payload !== undefined ? payload : null;
}

/** Judges what was heard against what had to be heard; frames of other rooms are left out. */
export function judgeClosings(due: readonly DueRoom[], frames: readonly ReceivedFrame[]): ClosingReport {
  const heard = new Map<string, { closing: Closing; receivedAt: number }[]>();
  for (const { frame, receivedAt } of frames) {
    const closing = closingIn(frame);
    if (closing === null) continue;
    const known = heard.get(closing.roomId);
    if (known === undefined) heard.set(closing.roomId, [{ closing, receivedAt }]);
    else known.push({ closing, receivedAt });
  }
  const lost: string[] = [];
  const doubled: string[] = [];
  const early: string[] = [];
  const wrong: string[] = [];
  const publishedMs: number[] = [];
  const receivedMs: number[] = [];
  for (const { roomId, runId, endsAt } of due) {
    const closings = heard.get(roomId) ?? [];
    const [first] = closings;
    if (first === undefined) {
      lost.push(roomId);
      continue;
    }
    if (closings.length > 1) doubled.push(roomId);
    if (closings.some(({ closing }) => closing.serverNow < endsAt)) early.push(roomId);
    const { closing, receivedAt } = first;
    if (closing.runId !== runId || closing.endsAt !== endsAt || closing.reason !== 'expired')
      wrong.push(roomId);
    publishedMs.push(closing.serverNow - endsAt);
    receivedMs.push(receivedAt - endsAt);
  }
  return { lost, doubled, early, wrong, publishedMs, receivedMs };
}
