import { afterEach, describe, expect, it } from '@jest/globals';
import { platformEnvironment } from './environment.js';

/** What a browser has more than Node, as far as it is used here. */
class FakeWindow {
  readonly names: string[] = [];
  private readonly listeners = new Map<string, Set<() => void>>();

  readonly addEventListener = (name: string, listener: () => void): void => {
    this.names.push(name);
    this.listeners.set(name, (this.listeners.get(name) ?? new Set()).add(listener));
  };

  readonly removeEventListener = (name: string, listener: () => void): void => {
    this.listeners.get(name)?.delete(listener);
  };

  fire(name: string): void {
    for (const listener of this.listeners.get(name) ?? []) listener();
  }
}

const BROWSER_NAMES = [
  'document',
  'addEventListener',
  'removeEventListener',
  'requestAnimationFrame',
  'cancelAnimationFrame',
] as const;

function browser() {
  const window = new FakeWindow();
  const document = Object.assign(new FakeWindow(), { visibilityState: 'visible' });
  const frames = new Map<number, () => void>();
  let lastFrame = 0;
  Object.assign(globalThis, {
    document,
    addEventListener: window.addEventListener,
    removeEventListener: window.removeEventListener,
    requestAnimationFrame: (run: () => void) => {
      frames.set(++lastFrame, run);
      return lastFrame;
    },
    cancelAnimationFrame: (frame: number) => void frames.delete(frame),
  });
  return { window, document, frames };
}

afterEach(() => {
  for (const name of BROWSER_NAMES) Reflect.deleteProperty(globalThis, name);
});

describe('the environment of Node', () => {
  it('has a monotonic clock with fractions, and the time of day', () => {
    const { nowMs, wallMs } = platformEnvironment();
    const before = nowMs();
    expect(nowMs()).toBeGreaterThanOrEqual(before);
    expect(Number.isInteger(before)).toBe(false);
    expect(Math.abs(wallMs() - Date.now())).toBeLessThan(10_000);
  });

  it('runs a timer once, keeps no process alive for it, and cancels it', async () => {
    const { setTimer } = platformEnvironment();
    const ran: string[] = [];
    setTimer(() => ran.push('cancelled'), 0)();
    const active = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = active();
    const cancel = setTimer(() => ran.push('never'), 60_000);
    expect(active()).toBe(before);
    cancel();
    // A timer that is awaited needs something that keeps the process: this one of the test.
    await new Promise<void>((resolve) => {
      const keep = setTimeout(() => {}, 60_000);
      setTimer(() => {
        ran.push('timer');
        clearTimeout(keep);
        resolve();
      }, 1);
    });
    expect(ran).toEqual(['timer']);
  });

  it('draws a frame by a timer, and never wakes', async () => {
    const { onFrame, onWake } = platformEnvironment();
    const stop = onWake(() => {
      throw new Error('nothing wakes here');
    });
    await new Promise<void>((resolve) => {
      const keep = setTimeout(() => {}, 60_000);
      onFrame(() => {
        clearTimeout(keep);
        resolve();
      });
    });
    stop();
  });
});

describe('the environment of a browser', () => {
  it('draws by animation frames while the page is shown, and can cancel', () => {
    const { frames } = browser();
    const { onFrame } = platformEnvironment();
    const cancel = onFrame(() => {});
    expect(frames.size).toBe(1);
    cancel();
    expect(frames.size).toBe(0);
  });

  it('does not wait for an animation frame in a page that is hidden: none would come', async () => {
    const { document, frames } = browser();
    document.visibilityState = 'hidden';
    const { onFrame } = platformEnvironment();
    await new Promise<void>((resolve) => {
      const keep = setTimeout(() => {}, 60_000);
      onFrame(() => {
        clearTimeout(keep);
        resolve();
      });
    });
    expect(frames.size).toBe(0);
  });

  it('wakes when the page is shown, thawed, focused or online again, and not when it is hidden', () => {
    const { window, document } = browser();
    let woken = 0;
    const stop = platformEnvironment().onWake(() => woken++);
    for (const name of ['pageshow', 'online', 'focus']) window.fire(name);
    for (const name of ['visibilitychange', 'resume']) document.fire(name);
    expect(woken).toBe(5);
    document.visibilityState = 'hidden';
    document.fire('visibilitychange');
    expect(woken).toBe(5);
    document.visibilityState = 'visible';
    stop();
    for (const name of window.names) window.fire(name);
    for (const name of document.names) document.fire(name);
    expect(woken).toBe(5);
  });
});
