/** What the client needs of the platform. Tests give one of their own; `platformEnvironment()` is the browser's or Node's. */
export interface Environment {
  /** A monotonic clock, milliseconds with fractions; its zero means nothing. Every instant in this package is of it. */
  nowMs(): number;
  /** The device's time of day, epoch milliseconds. Anybody may set it: only compared with `nowMs` to notice a sleep. */
  wallMs(): number;
  /** Runs once after `delayMs`. Returns how to cancel. Never keeps a Node process alive. */
  setTimer(run: () => void, delayMs: number): () => void;
  /** Runs once before the next frame is drawn (about 16 ms where nothing is drawn). Returns how to cancel. */
  onFrame(run: () => void): () => void;
  /** Calls `listener` when the page is shown again, came back to life or online. Returns how to stop. */
  onWake(listener: () => void): () => void;
}

/** What is listened to of a page: this package is compiled without the types of browsers, because Node imports it, too. */
interface EventSource {
  addEventListener(name: string, listener: () => void): void;
  removeEventListener(name: string, listener: () => void): void;
}

interface Page extends EventSource {
  readonly visibilityState: string;
}

/** What a platform may have; a browser has all of it, Node none. */
interface Platform extends Partial<EventSource> {
  readonly document?: Page;
  requestAnimationFrame?(run: () => void): number;
  cancelAnimationFrame?(frame: number): void;
}

const FRAME_MS = 16;

/** Of the window: another tab or program was in front, the page came from the browser's memory, or the network is back. */
const WINDOW_EVENTS = ['pageshow', 'online', 'focus'];
/** Of the document: the tab is in front again (or not any more), or was thawed. */
const PAGE_EVENTS = ['visibilitychange', 'resume'];

/** The browser's, or Node's. */
export function platformEnvironment(): Environment {
  return {
    nowMs: () => performance.now(),
    wallMs: () => Date.now(),
    setTimer,
    onFrame,
    onWake,
  };
}

function setTimer(run: () => void, delayMs: number): () => void {
  // A number in browsers, an object in Node.
  const timer: unknown = setTimeout(run, delayMs);
  if (isUnrefable(timer)) timer.unref();
  return () => clearTimeout(timer as Parameters<typeof clearTimeout>[0]);
}

function onFrame(run: () => void): () => void {
  const platform = globalThis as Platform;
  // In a page that is not drawn, a frame would never come.
  if (platform.requestAnimationFrame === undefined || platform.document?.visibilityState === 'hidden') {
    return setTimer(run, FRAME_MS);
  }
  const frame = platform.requestAnimationFrame(run);
  return () => platform.cancelAnimationFrame?.(frame);
}

function onWake(listener: () => void): () => void {
  const window = globalThis as Platform;
  const page = window.document;
  const shown = () => {
    if (page?.visibilityState !== 'hidden') listener();
  };
  for (const name of WINDOW_EVENTS) window.addEventListener?.(name, shown);
  for (const name of PAGE_EVENTS) page?.addEventListener(name, shown);
  return () => {
    for (const name of WINDOW_EVENTS) window.removeEventListener?.(name, shown);
    for (const name of PAGE_EVENTS) page?.removeEventListener(name, shown);
  };
}

const isUnrefable = (timer: unknown): timer is { unref(): void } =>
  typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function';
