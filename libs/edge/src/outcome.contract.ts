import type { Outcome as WireOutcome, RunResults as WireResults } from '#libs/protocol';
import type { Outcome, RunResults } from '#libs/room';

// Outcome and results are made in room and described by schemas in protocol; neither may import the other. This file holds both
// to one type: when they drift apart, it does not compile, and nobody has to map one to the other by hand.

type IsSame<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/**
 * To the bottom, with optionality, whether read-only or not; `undefined` beside an optional field says the same as
 * leaving it out. Branded numbers are left as they are.
 */
type Exact<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? { items: Exact<Item> }
    : unknown extends T
      ? T
      : {
          -readonly [Field in keyof Required<T>]: Field extends OptionalKeys<T>
            ? [Exact<Exclude<T[Field], undefined>> | undefined]
            : Exact<T[Field]>;
        };

type OptionalKeys<T> = { [Field in keyof T]-?: object extends Pick<T, Field> ? Field : never }[keyof T];

const isSame: IsSame<Exact<Outcome>, Exact<WireOutcome>> & IsSame<Exact<RunResults>, Exact<WireResults>> =
  true;
void isSame;
