import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type EpochMs, epochMs } from '#libs/timer-core';
import { TickCells } from './tick.cells.js';

const CELL_MS = 15;

class Item {
  queuedTickAt: EpochMs | null = null;
  constructor(readonly name: string) {}
}

const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), item: fc.nat(5), inMs: fc.option(fc.nat(60)) }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.nat(30) }),
);

describe('TickCells', () => {
  it('gives each item once for each of its instants, never early, and at most a cell late', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const cells = new TickCells<Item>(CELL_MS);
        const items = Array.from({ length: 6 }, (_, i) => new Item(`${i}`));
        const planned = new Map<Item, number>();
        let now = 1_000;
        const look = () => {
          for (const item of cells.takeDue(epochMs(now))) {
            expect(planned.get(item)).toBeLessThanOrEqual(now);
            planned.delete(item);
          }
          for (const at of planned.values()) expect(at).toBeGreaterThan(now - CELL_MS);
          const headAt = cells.headAt(epochMs(now));
          // Whoever sleeps until then misses nothing.
          if (planned.size > 0) expect(headAt).toBeLessThan(Math.min(...planned.values()) + CELL_MS);
        };
        for (const next of steps) {
          if (next.do === 'pass') {
            // As the scheduler does: it wakes at each head on the way.
            for (const until = now + next.ms; now < until; now += 1) look();
          } else {
            const item = items[next.item] ?? new Item('none');
            const at = next.inMs === null ? null : epochMs(now + next.inMs);
            cells.set(item, at);
            if (at === null) planned.delete(item);
            else planned.set(item, at);
          }
        }
        for (const until = now + 100; now < until; now += 1) look();
        expect(planned.size).toBe(0);
        expect(cells.headAt(epochMs(now + 1_000))).toBeNull();
      }),
    );
  });

  it('takes a lone one at its instant, and those that follow together when the cell is over', () => {
    const cells = new TickCells<Item>(CELL_MS);
    for (const at of [1_001, 1_002, 1_004, 1_005, 1_033]) cells.set(new Item(`${at}`), epochMs(at));
    const look = (now: number) => [
      cells.headAt(epochMs(now)),
      cells.takeDue(epochMs(now)).map(({ name }) => name),
    ];
    expect(look(1_000)).toEqual([1_001, []]);
    expect(look(1_001)).toEqual([1_001, ['1001']]);
    expect(look(1_004)).toEqual([1_005, []]);
    expect(look(1_005)).toEqual([1_002, ['1002', '1004', '1005']]);
    expect(look(1_020)).toEqual([1_033, []]);
    expect(look(1_033)).toEqual([1_033, ['1033']]);
  });

  it('does not rest until an instant of a clock that was set back', () => {
    const cells = new TickCells<Item>(CELL_MS);
    cells.set(new Item('far ahead'), epochMs(86_400_000));
    expect(cells.takeDue(epochMs(86_400_000))).toHaveLength(1);
    cells.set(new Item('now'), epochMs(100));
    expect(cells.headAt(epochMs(100))).toBe(100);
    expect(cells.takeDue(epochMs(100))).toHaveLength(1);
  });
});
