import { answerSubmitAckSchema } from '#libs/protocol';
import type { SentAnswer } from './player.orders.js';

/** What a player was told of an answer. Instants on the server's clock. */
export type TellOf =
  | { readonly kind: 'lost' }
  | { readonly kind: 'refused'; readonly code: string }
  | {
      readonly kind: 'verdict';
      readonly verdict: string;
      readonly receivedAt: number;
      readonly elapsedMs: number;
      readonly lateByMs: number | undefined;
    };

/** An answer with its acknowledgement read. */
export interface JudgedAnswer extends Omit<SentAnswer, 'ack'> {
  /** Null when no acknowledgement came. */
  readonly answeredAt: number | null;
  readonly tell: TellOf;
}

/** @throws ZodError for an acknowledgement that is not of the protocol */
export function readAnswer({ ack, ...sent }: SentAnswer): JudgedAnswer {
  if (ack === null) return { ...sent, answeredAt: null, tell: { kind: 'lost' } };
  const [payload] = JSON.parse(ack.text) as unknown[];
  const told = answerSubmitAckSchema.parse(payload);
  if (!told.ok) return { ...sent, answeredAt: ack.at, tell: { kind: 'refused', code: told.error.code } };
  const { verdict, receivedAt, elapsedMs, lateByMs } = told;
  return { ...sent, answeredAt: ack.at, tell: { kind: 'verdict', verdict, receivedAt, elapsedMs, lateByMs } };
}
