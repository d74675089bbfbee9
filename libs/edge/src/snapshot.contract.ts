import type { Judgement as WireJudgement, Snapshot as WireSnapshot } from '#libs/protocol';
import type { Judgement as CoreJudgement, Snapshot as CoreSnapshot } from '#libs/timer-core';

// The snapshot is made in timer-core and described by a schema in protocol; neither may import the other. This file
// holds both to one type: when they drift apart, it does not compile, and nobody has to map one to the other by hand.

type Mutable<T> = { -readonly [Field in keyof T]: T[Field] };
type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Field by field and with optionality; `undefined` beside an optional field says the same as leaving it out. */
type Exact<T> = {
  [Field in keyof Required<T>]: undefined extends T[Field] ? [T[Field] | undefined] : T[Field];
};
type Told = Exact<Mutable<CoreSnapshot> & { content?: unknown }>;
type Described = Exact<WireSnapshot>;

const isSame: IsSame<{ [F in keyof Told]: Told[F] }, { [F in keyof Described]: Described[F] }> = true;
void isSame;

/** A snapshot as clients get it: with the question's content (JSON text), when there is one. */
export const wireSnapshot = (snapshot: CoreSnapshot, content: string | null): WireSnapshot =>
  content === null ? snapshot : { ...snapshot, content: JSON.parse(content) as unknown };

/** A judgement as clients get it; what is stored with it stays here. */
export function wireJudgement({ verdict, receivedAt, elapsedMs, lateByMs }: CoreJudgement): WireJudgement {
  return { verdict, receivedAt, elapsedMs, ...(lateByMs === undefined ? {} : { lateByMs }) };
}
