import { afterEach, describe, expect, it } from '@jest/globals';
import { Profiler } from 'react';
import type { Countdown } from '#libs/client';
import { act, closePage, render, screen } from './page.spec-helper.js';

const { CountdownRing } = await import('./countdown.ring.js');

const open = (remainingMs: number): Countdown => ({
  phase: 'open',
  remainingMs,
  seconds: Math.ceil(remainingMs / 1_000),
  durationMs: 20_000,
  opensInMs: null,
});

function fakeSource(first: Countdown) {
  const listeners = new Set<(countdown: Countdown) => void>();
  return {
    listeners,
    tell: (countdown: Countdown) => {
      for (const listener of listeners) listener(countdown);
    },
    onCountdown: (listener: (countdown: Countdown) => void) => {
      listeners.add(listener);
      listener(first);
      return () => listeners.delete(listener);
    },
  };
}

function shown(source: ReturnType<typeof fakeSource>) {
  let renders = 0;
  const { container, unmount } = render(
    <Profiler id="ring" onRender={() => (renders += 1)}>
      <CountdownRing room={source} />
    </Profiler>,
  );
  const ring = screen.getByRole('timer');
  const arc = container.querySelector<SVGElement>('.qb-ring-arc');
  return { ring, arc, unmount, renders: () => renders };
}

afterEach(closePage);

describe('the ring of a countdown', () => {
  it('moves with each frame, and React draws nothing for it', () => {
    const source = fakeSource(open(20_000));
    const { ring, arc, renders } = shown(source);
    const before = renders();
    act(() => {
      for (let left = 20_000; left > 5_000; left -= 16) source.tell(open(left));
    });
    expect(renders()).toBe(before);
    expect(ring.textContent).toContain('6');
    expect(Number(arc?.style.strokeDashoffset)).toBeCloseTo(75, 0);
  });

  it('says in words and shapes, besides colours, how it stands', () => {
    const source = fakeSource(open(20_000));
    const { ring } = shown(source);
    expect({ ...ring.dataset }).toMatchObject({ phase: 'open', urgency: 'calm' });
    act(() => source.tell(open(3_200)));
    expect({ ...ring.dataset }).toMatchObject({ urgency: 'urgent', pips: '4' });
    act(() => source.tell({ ...open(3_200), phase: 'paused' }));
    expect(ring.dataset.pips).toBeUndefined();
    expect(ring.textContent).toMatch(/4.*Paused/);
    act(() => source.tell({ ...open(0), phase: 'closed' }));
    expect(ring.textContent).toContain('Time is up');
    act(() => source.tell({ ...open(3_200), phase: 'closed' }));
    expect(ring.textContent).toContain('Stopped');
  });

  it('is not read out each second', () => {
    const { ring } = shown(fakeSource(open(20_000)));
    expect(ring.querySelector('[aria-live], [role="status"], [role="alert"]')).toBeNull();
    expect(ring.getAttribute('aria-live')).toBeNull();
  });

  it('listens no more once it is gone', () => {
    const source = fakeSource(open(20_000));
    shown(source).unmount();
    expect(source.listeners.size).toBe(0);
  });
});
