/** What the bar shows. */
export interface Countdown {
  /** `question 2/3` */
  readonly title: string;
  readonly phase: 'idle' | 'lead-in' | 'open' | 'paused' | 'closed';
  /** Until the opening in the lead-in, else until the deadline. */
  readonly remainingMs: number;
  readonly durationMs: number;
}

const FULL = '█';
const EMPTY = '░';
const PHASE_WIDTH = 'lead-in'.length;
const MIN_WIDTH = 5;
const MAX_WIDTH = 50;

/**
 * One line of at most `columns` characters: title, phase, a bar that gets shorter, what remains in seconds. The bar of a
 * lead-in is full: the time of the question has not begun.
 */
export function renderBar(countdown: Countdown, columns: number): string {
  const { title, phase, remainingMs, durationMs } = countdown;
  const head = `${title}  ${phase.padEnd(PHASE_WIDTH)} `;
  const tail = ` ${secondsOf(remainingMs).padStart(6)}`;
  const room = columns - head.length - tail.length;
  if (room < MIN_WIDTH) return `${head}${tail}`.slice(0, Math.max(0, columns));
  const width = Math.min(room, MAX_WIDTH);
  const part = phase === 'lead-in' ? 1 : durationMs > 0 ? remainingMs / durationMs : 0;
  // Rounded up: as long as there is time, there is something to see.
  const full = Math.ceil(Math.min(1, Math.max(0, part)) * width);
  return `${head}${FULL.repeat(full)}${EMPTY.repeat(width - full)}${tail}`;
}

/** `3.2 s`; rounded up, so that `0.0 s` is shown only when the time is over. */
function secondsOf(ms: number): string {
  return `${(Math.ceil(Math.max(0, ms) / 100) / 10).toFixed(1)} s`;
}
