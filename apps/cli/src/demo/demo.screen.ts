import { renderBar } from './countdown.bar.js';
import type { QuizRecorder } from './quiz.recorder.js';

const REDRAW_MS = 100;
const DEFAULT_COLUMNS = 80;
const ERASE_LINE = '\r\u001b[K';

/** Where the demo tells what happens: lines, and below them the countdown. */
export class DemoScreen {
  private readonly out: NodeJS.WriteStream;
  private readonly timers = new Set<NodeJS.Timeout>();
  private isBarShown = false;
  private shownSecond: string | undefined;

  /** @param out stdout, or stderr when stdout is for the report alone */
  constructor(out: NodeJS.WriteStream) {
    this.out = out;
  }

  say(line: string): void {
    this.eraseBar();
    this.out.write(`${line}\n`);
  }

  /**
   * Shows the recorder's countdown until the returned function is called. It is derived from the deadline each time, so
   * a late redraw shows the right time all the same. On a terminal one line is drawn again and again, else there is one
   * line per second.
   */
  follow(recorder: QuizRecorder, title: string): () => void {
    const timer = setInterval(() => this.draw(recorder, title), REDRAW_MS);
    this.timers.add(timer);
    return () => {
      clearInterval(timer);
      this.timers.delete(timer);
      this.eraseBar();
      this.shownSecond = undefined;
    };
  }

  /** Stops everything that still moves. */
  close(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.timers.clear();
    this.eraseBar();
  }

  private draw(recorder: QuizRecorder, title: string): void {
    const { state } = recorder;
    if (!state) return;
    const remainingMs = remainingOf(recorder, performance.now());
    const { phase, durationMs } = state;
    const countdown = { title, phase, remainingMs, durationMs: durationMs ?? 0 };
    const line = renderBar(countdown, (this.out.columns ?? DEFAULT_COLUMNS) - 1);
    if (this.out.isTTY) {
      this.out.write(`${ERASE_LINE}${line}`);
      this.isBarShown = true;
      return;
    }
    const second = `${state.runId} ${phase} ${Math.ceil(remainingMs / 1_000)}`;
    if (second === this.shownSecond) return;
    this.shownSecond = second;
    this.out.write(`${line}\n`);
  }

  private eraseBar(): void {
    if (this.isBarShown) this.out.write(ERASE_LINE);
    this.isBarShown = false;
  }
}

/** What remains now: until the opening in the lead-in, else of the question. @param nowMs `performance.now()` */
export function remainingOf({ state, clock }: QuizRecorder, nowMs: number): number {
  if (!state) return 0;
  const { phase, opensAt, endsAt, remainingMs } = state;
  const now = clock.at(nowMs);
  if (phase === 'lead-in' && opensAt !== null) return Math.max(0, opensAt - now);
  if (phase === 'open' && endsAt !== null) return Math.max(0, endsAt - now);
  return remainingMs ?? 0;
}
