// For the compiler: the types that the client publishes are those of the contract, both ways, but that instants and durations are
// plain numbers in them. Nothing here runs.
import type * as client from '#libs/client';
import type * as protocol from '#libs/protocol';

/** A type without the brands of its numbers; the intersections and mapped types of schemas become plain objects. */
type Plain<T> = T extends number & { readonly __unit: string }
  ? number
  : T extends readonly (infer Item)[]
    ? Plain<Item>[]
    : T extends object
      ? { [Field in keyof T]: Plain<T[Field]> }
      : T;

/** Identical, not only assignable: an optional field, `any` or a wider union is a difference. */
type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Does not compile unless every field of `Checks` is `true`. */
type All<Checks extends { [Check in keyof Checks]: true }> = Checks;

type IsOfContract<Ours, Theirs> = IsSame<Plain<Ours>, Plain<Theirs>>;

export type Names = All<{
  sent: IsSame<client.ClientEventName, protocol.ClientEventName>;
  received: IsSame<client.ServerEventName, protocol.ServerEventName>;
  role: IsSame<client.Role, protocol.Role>;
  phase: IsSame<client.Phase, protocol.Phase>;
  questionCloseReason: IsSame<client.QuestionCloseReason, protocol.QuestionCloseReason>;
  roomCloseReason: IsSame<client.RoomCloseReason, protocol.RoomCloseReason>;
  removalReason: IsSame<client.RemovalReason, protocol.RemovalReason>;
  verdict: IsSame<client.Verdict, protocol.Verdict>;
  errorCode: IsSame<client.ErrorCode, protocol.ErrorCode>;
  snapshot: IsOfContract<client.Snapshot, protocol.Snapshot>;
  judgement: IsOfContract<client.Judgement, protocol.Judgement>;
  ownAnswer: IsOfContract<client.OwnAnswer, protocol.OwnAnswer>;
  member: IsOfContract<client.Member, protocol.Member>;
  wireError: IsOfContract<client.WireError, protocol.WireError>;
}>;
export type Inputs = All<{
  [E in protocol.ClientEventName]: IsOfContract<client.ClientEventInput<E>, protocol.ClientEventInput<E>>;
}>;
export type Acks = All<{
  [E in protocol.ClientEventName]: IsOfContract<client.ClientEventAck<E>, protocol.ClientEventAck<E>>;
}>;
export type Payloads = All<{
  [E in protocol.ServerEventName]: IsOfContract<client.ServerEventPayload<E>, protocol.ServerEventPayload<E>>;
}>;

// The checks themselves can fail.
export type SelfCheck = All<{
  optional: IsSame<IsOfContract<{ a?: number }, { a: number }>, false>;
  unknown: IsSame<IsOfContract<{ a: unknown }, { a: number }>, false>;
  union: IsSame<IsOfContract<{ a: 'x' | 'y' }, { a: 'x' }>, false>;
  brand: IsSame<IsOfContract<{ a: protocol.EpochMs }, { a: number }>, true>;
}>;
