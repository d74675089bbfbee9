import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { epochMs } from '#libs/timer-core';
import { DueQueue } from './due.queue.js';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), name: fc.constantFrom(...NAMES), at: fc.nat(50) }),
  fc.record({ do: fc.constant('delete' as const), name: fc.constantFrom(...NAMES) }),
  fc.record({ do: fc.constant('take' as const), now: fc.nat(50) }),
);

/** The same by sorting an array each time. */
class SortedEntries {
  private entries: { name: string; at: number }[] = [];

  set(name: string, at: number): void {
    if (this.entries.some((entry) => entry.name === name && entry.at === at)) return;
    this.delete(name);
    this.entries.push({ name, at });
    // A stable sort keeps entries of one instant in the order in which they came.
    this.entries.sort((a, b) => a.at - b.at);
  }

  delete(name: string): void {
    this.entries = this.entries.filter((entry) => entry.name !== name);
  }

  takeDue(now: number): string[] {
    const due = this.entries.filter(({ at }) => at <= now);
    this.entries = this.entries.filter(({ at }) => at > now);
    return due.map(({ name }) => name);
  }

  get headAt(): number | null {
    return this.entries[0]?.at ?? null;
  }

  get size(): number {
    return this.entries.length;
  }
}

describe('DueQueue', () => {
  it('does what a sorted array does, whatever is set, deleted and taken', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const queue = new DueQueue<string>();
        const model = new SortedEntries();
        for (const next of steps) {
          if (next.do === 'set') {
            queue.set(next.name, epochMs(next.at));
            model.set(next.name, next.at);
          } else if (next.do === 'delete') {
            queue.delete(next.name);
            model.delete(next.name);
          } else {
            expect(queue.takeDue(epochMs(next.now))).toEqual(model.takeDue(next.now));
          }
          expect([queue.headAt(epochMs(0)), queue.size]).toEqual([model.headAt, model.size]);
        }
      }),
    );
  });

  it('stays in order after many replaced entries were swept out', () => {
    const queue = new DueQueue<string>();
    for (let round = 0; round < 50; round++) {
      for (let i = 0; i < 100; i++) queue.set(`${i}`, epochMs(((i * 37 + round * 11) % 1_000) * 1_000 + i));
    }
    const ats = queue
      .takeDue(epochMs(1_000_000))
      .map((name) => ((Number(name) * 37 + 49 * 11) % 1_000) * 1_000);
    expect(ats).toHaveLength(100);
    expect(ats).toEqual([...ats].sort((a, b) => a - b));
  });

  it('takes a lone item at its instant, and lets those that follow gather', () => {
    const queue = new DueQueue<string>(10);
    for (const [i, at] of [100, 101, 105, 110, 111, 140].entries()) queue.set(`${i}`, epochMs(at));
    const look = (now: number) => [queue.headAt(epochMs(now)), queue.takeDue(epochMs(now))];
    expect(look(100)).toEqual([100, ['0']]);
    expect(look(109)).toEqual([110, []]);
    // Those of the meantime, as soon as they may be taken.
    expect(look(110)).toEqual([101, ['1', '2', '3']]);
    expect(look(115)).toEqual([120, []]);
    expect(look(120)).toEqual([111, ['4']]);
    // Nothing came for longer than that: again at its own instant.
    expect(look(140)).toEqual([140, ['5']]);
  });

  it('does not rest until an instant of a clock that was set back', () => {
    const queue = new DueQueue<string>(10);
    queue.set('far ahead', epochMs(86_400_000));
    expect(queue.takeDue(epochMs(86_400_000))).toEqual(['far ahead']);
    queue.set('now', epochMs(100));
    expect([queue.headAt(epochMs(100)), queue.takeDue(epochMs(100))]).toEqual([100, ['now']]);
  });
});
