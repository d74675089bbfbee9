import { fileURLToPath } from 'node:url';
import type { StartedQuestion } from '../cluster/room.host.js';
import { BenchWorker } from '../process/bench.worker.js';
import { CannotRun } from '../suite.types.js';
import { shareOf } from './answer.schedule.js';
import { type JudgedAnswer, readAnswer } from './judged.answer.js';
import type { HeardTick, PlannedAnswer, PlayerOrders } from './player.orders.js';

const SCRIPT = fileURLToPath(new URL('./player.process.main.js', import.meta.url));
/** An offset that may be wrong by more than that proves nothing. */
export const MAX_UNCERTAINTY_MS = 3;
/** A gateway compares its own clock with Redis' all the time, and may move it by so much after the players have asked for it. */
export const GATEWAY_MOVES_MS = 2;
/** A machine that is too busy for a comparison may have a quiet moment soon. */
const SYNC_WITHIN_MS = 30_000;

/** Players in processes of their own. */
export class Crowd {
  private readonly workers: readonly BenchWorker<PlayerOrders>[];

  /** @param urls of gateways: one process for each entry, whose players all use that gateway */
  constructor(
    private readonly urls: readonly string[],
    private readonly players: number,
  ) {
    this.workers = urls.map((_, i) => new BenchWorker(`players ${i + 1}`, SCRIPT));
  }

  get processes(): number {
    return this.workers.length;
  }

  /** Has everybody join the room by its PIN. */
  async join(pin: string): Promise<void> {
    let firstName = 1;
    await Promise.all(
      this.workers.map((worker, i) => {
        const players = shareOf(this.players, this.workers.length, i);
        const order = { url: this.urls[i] ?? '', pin, players, firstName };
        firstName += players;
        return worker.request('join', order);
      }),
    );
  }

  /**
   * Compares each process' clock with the server's.
   *
   * @returns the most by which one of the comparisons may be wrong, ms
   * @throws CannotRun when the machine is too busy for it
   */
  async sync(): Promise<number> {
    let most = 0;
    // One after the other: they would make each other slow.
    for (const worker of this.workers) {
      const giveUpAt = performance.now() + SYNC_WITHIN_MS;
      let { uncertaintyMs } = await worker.request('sync', {});
      while (uncertaintyMs > MAX_UNCERTAINTY_MS && performance.now() < giveUpAt) {
        ({ uncertaintyMs } = await worker.request('sync', {}));
      }
      most = Math.max(most, uncertaintyMs);
    }
    if (most <= MAX_UNCERTAINTY_MS) return most;
    throw new CannotRun(
      `The clocks could only be compared to ${most} ms: the machine is too busy to measure on.`,
    );
  }

  /** @param plans one for each process */
  async answer(
    { questionId, runId }: StartedQuestion,
    plans: readonly (readonly PlannedAnswer[])[],
  ): Promise<JudgedAnswer[]> {
    const replies = await Promise.all(
      this.workers.map((worker, i) =>
        worker.request('answer', { questionId, runId, answers: plans[i] ?? [] }),
      ),
    );
    return replies.flatMap(({ answers }) => answers.map(readAnswer));
  }

  async noteTicks(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.request('noteTicks', {})));
  }

  /** What was heard since `noteTicks` (by the first process: crowds that listen have only one), and who is still there. */
  async takeTicks(): Promise<{ readonly ticks: readonly HeardTick[]; readonly connected: number }> {
    const [worker] = this.workers;
    if (worker === undefined) throw new RangeError('a crowd without a process');
    return worker.request('takeTicks', {});
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.stop()));
  }
}
