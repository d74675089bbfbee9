import { createHash } from 'node:crypto';

/** Lengths in W3C's trace context: 16 and 8 bytes, in hexadecimal. */
const TRACE_ID_CHARACTERS = 32;
const SPAN_ID_CHARACTERS = 16;

/** The trace of one run, and the span of its start, which all its others hang below. */
export interface RunTraceIds {
  readonly traceId: string;
  readonly rootSpanId: string;
}

/**
 * A hash of what every process knows of a run anyway, so that all of them tell of the same trace and nothing has to travel
 * with the room.
 */
export function runTraceIds(roomId: string, runId: number): RunTraceIds {
  const hash = createHash('sha256').update(`quizbell run ${roomId}/${runId}`).digest('hex');
  return {
    traceId: hash.slice(0, TRACE_ID_CHARACTERS),
    rootSpanId: hash.slice(TRACE_ID_CHARACTERS, TRACE_ID_CHARACTERS + SPAN_ID_CHARACTERS),
  };
}

const TRACEPARENT = /^[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})/;

/** A span of somebody else's trace, as the header `traceparent` names it. */
export interface ForeignSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** Undefined for a header that is absent or names no span; whatever a stranger sends is only linked to. */
export function foreignSpanOf(traceparent: unknown): ForeignSpan | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags ?? '00', 16) };
}
