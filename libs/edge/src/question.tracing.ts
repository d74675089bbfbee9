import type { ForeignSpan, Logger, RunTraces } from '#libs/ops';
import type { CommandDone, RoomRefusal, RoomStore } from '#libs/room';

export interface QuestionCommand {
  /** `question:start` and so on, of a socket or of REST. */
  readonly event: string;
  readonly roomId: string;
  /** The caller's own trace, which the run's is linked to. */
  readonly askedBy?: ForeignSpan;
}

type Done = CommandDone | RoomRefusal;

/** Tells log and traces of the hosts' commands, and of what came of them. */
export class QuestionTracing {
  constructor(
    private readonly logger: Logger,
    private readonly traces: RunTraces | undefined,
  ) {}

  /** The run is known only when it was started, so its span is made behind. */
  async of<T extends Done>(command: QuestionCommand, work: () => Promise<T>): Promise<T> {
    const beganMs = performance.now();
    const done = await work();
    this.told(command, done, performance.now() - beganMs);
    return done;
  }

  private told({ event, roomId, askedBy }: QuestionCommand, done: Done, tookMs: number): void {
    if (done.kind === 'refused') {
      this.logger.debug({ event, roomId, result: done.code, tookMs }, 'A command was refused');
      return;
    }
    const { repeated, snapshot } = done;
    const { questionId, runId, version } = snapshot;
    if (questionId === null || runId === null) return;
    const traceId = this.traces?.traceId(roomId, runId);
    this.logger.debug(
      { event, roomId, questionId, runId, version, traceId, repeated, tookMs },
      'A command was done',
    );
    this.traces?.tell({
      name: event,
      kind: 'server',
      roomId,
      runId,
      questionId,
      version,
      tookMs,
      // The start that was repeated has told it.
      isRoot: event === 'question:start' && !repeated,
      ...(askedBy === undefined ? {} : { askedBy }),
      details: { repeated },
    });
  }
}

/** The same store, with its commits in the traces of their runs. */
export function tracedStore<T extends RoomStore>(store: T, traces: RunTraces | undefined): T {
  if (traces === undefined) return store;
  const commit: RoomStore['commit'] = async (request) => {
    const askedMs = performance.now();
    const result = await store.commit(request);
    const { roomId, question, version } = request.change.state;
    if (question !== null) {
      const { runId, questionId } = question;
      const tookMs = performance.now() - askedMs;
      const details = { result: result.committed ? 'committed' : result.why };
      traces.tell({ name: 'commit', kind: 'client', roomId, runId, questionId, version, tookMs, details });
    }
    return result;
  };
  return Object.create(store, { commit: { value: commit } }) as T;
}
