import { describe, expect, it } from '@jest/globals';
import { foreignSpanOf, runTraceIds } from './trace.ids.js';

describe('the trace of a run', () => {
  it('is the same in every process and release: all of them name it by themselves', () => {
    expect(runTraceIds('003abcdefgh', 1_700_000_000_000)).toEqual({
      traceId: '509668c496fa28fdcd9e304c4387f212',
      rootSpanId: 'f9dfff4dc7e55111',
    });
  });

  it('is another one for another run, and for the same number in another room', () => {
    const ids = [runTraceIds('r', 1), runTraceIds('r', 2), runTraceIds('s', 1), runTraceIds('r/1', 1)];
    expect(new Set(ids.map(({ traceId }) => traceId)).size).toBe(4);
  });
});

describe("a caller's own span", () => {
  const TRACE = '0af7651916cd43dd8448eb211c80319c';
  const SPAN = 'b7ad6b7169203331';

  it('is read from the header `traceparent`', () => {
    expect(foreignSpanOf(`00-${TRACE}-${SPAN}-01`)).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags: 1 });
  });

  it.each([
    undefined,
    '',
    ['00', TRACE],
    'no',
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  ])('is none in %j', (header) => {
    expect(foreignSpanOf(header)).toBeUndefined();
  });
});
