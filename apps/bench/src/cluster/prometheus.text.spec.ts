import { describe, expect, it } from '@jest/globals';
import { growthBy, samplesOf, total } from './prometheus.text.js';

const text = `# HELP quizbell_commands_total Commands
# TYPE quizbell_commands_total counter
quizbell_commands_total{event="room:join",result="ok"} 3
quizbell_commands_total{event="room:join",result="room_not_found"} 2
quizbell_commands_total{event="a \\"b\\"",result="ok"} 1
process_cpu_seconds_total 0.25
`;

describe('samplesOf', () => {
  it('reads names, labels and values, and no comments', () => {
    expect(samplesOf(text)).toHaveLength(4);
    expect(samplesOf(text)[1]).toEqual({
      name: 'quizbell_commands_total',
      labels: { event: 'room:join', result: 'room_not_found' },
      value: 2,
    });
    expect(total(samplesOf(text), 'quizbell_commands_total')).toBe(6);
    expect(total(samplesOf(text), 'process_cpu_seconds_total')).toBe(0.25);
  });
});

describe('growthBy', () => {
  it('sums the growth by one label and leaves out what did not grow', () => {
    const later = samplesOf(text.replace('} 3', '} 10'));
    expect(growthBy(samplesOf(text), later, 'quizbell_commands_total', 'result')).toEqual({ ok: 7 });
  });

  it('counts what was not there before from 0', () => {
    expect(growthBy([], samplesOf(text), 'quizbell_commands_total', 'result')).toEqual({
      ok: 4,
      room_not_found: 2,
    });
  });
});
