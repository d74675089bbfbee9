import type { ClockOffset } from './clock.bounds.js';

/** One answer that is to be sent. Instants on the server's clock, ms, with fractions. */
export interface PlannedAnswer {
  /** Which of the process' players. */
  readonly player: number;
  readonly choice: string;
  readonly at: number;
}

/** One answer and what came of it. Instants on the server's clock, ms, with fractions. */
export interface SentAnswer {
  readonly playerId: string;
  readonly choice: string;
  readonly plannedAt: number;
  /** When the sending began. */
  readonly sentAt: number;
  /** When the operating system had it. */
  readonly handedOverAt: number;
  /** Null when none came. */
  readonly ack: { readonly at: number; readonly text: string } | null;
}

/** A tick as a member got it: `[member, endsAt, serverNow, heardAt]`, instants on the server's clock. */
export type HeardTick = readonly [member: number, endsAt: number, serverNow: number, heardAt: number];

/** What a process full of players can do. */
export type PlayerOrders = {
  /** Connects players and has them join by PIN; `firstName` is the number in the first one's name. */
  join: {
    order: {
      readonly url: string;
      readonly pin: string;
      readonly players: number;
      readonly firstName: number;
    };
    reply: { readonly playerIds: readonly string[] };
  };
  sync: { order: object; reply: ClockOffset };
  /** Sends each answer at its instant and waits for the acknowledgements, or as long as it makes sense. */
  answer: {
    order: {
      readonly questionId: string;
      readonly runId: number;
      readonly answers: readonly PlannedAnswer[];
    };
    reply: { readonly answers: readonly SentAnswer[] };
  };
  /** Notes ticks from now on, or hands over what was noted and ends it. */
  noteTicks: { order: object; reply: object };
  takeTicks: { order: object; reply: { readonly ticks: readonly HeardTick[]; readonly connected: number } };
};
