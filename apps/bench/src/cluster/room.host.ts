import { setTimeout as sleep } from 'node:timers/promises';
import {
  createRoomAnswerSchema,
  type Outcome,
  outcomeSchema,
  questionAnswerSchema,
  roomInfoSchema,
  type Snapshot,
} from '#libs/protocol';
import { CannotRun } from '../suite.types.js';

/** Time for a scheduler that has just started to take its shards; until then the service is unavailable. */
const READY_WITHIN_MS = 15_000;
const SETTLED_WITHIN_MS = 30_000;
const LOOK_MS = 100;

const UNAVAILABLE = 503;
const CONFLICT = 409;

/** A question that is open, or about to be. Instants on the server's clock. */
export interface StartedQuestion {
  readonly questionId: string;
  readonly runId: number;
  readonly opensAt: number;
  readonly endsAt: number;
}

export interface QuestionPlan {
  readonly questionId: string;
  readonly durationMs: number;
  readonly leadInMs: number;
  readonly tickMs: number;
}

/** The room of a suite, led over REST as an app's backend does it. */
export class RoomHost {
  private constructor(
    private readonly url: string,
    private readonly apiKey: string,
    readonly roomId: string,
    readonly pin: string,
    readonly hostToken: string,
  ) {}

  static async createRoom(url: string, apiKey: string): Promise<RoomHost> {
    const giveUpAt = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const { status, body } = await request(`${url}/v1/rooms`, apiKey, 'POST', {});
      if (status !== UNAVAILABLE || performance.now() > giveUpAt) {
        const { roomId, pin, hostToken } = createRoomAnswerSchema.parse(good(status, body));
        return new RoomHost(url, apiKey, roomId, pin, hostToken);
      }
      await sleep(LOOK_MS);
    }
  }

  async start(plan: QuestionPlan): Promise<StartedQuestion> {
    const giveUpAt = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const { status, body } = await this.ask('POST', 'question', plan);
      if (status !== UNAVAILABLE || performance.now() > giveUpAt) {
        return startedQuestion(questionAnswerSchema.parse(good(status, body)).snapshot);
      }
      await sleep(LOOK_MS);
    }
  }

  async stop(): Promise<void> {
    const { status, body } = await this.ask('POST', 'question/stop', {});
    good(status, body);
  }

  async snapshot(): Promise<Snapshot> {
    const { status, body } = await this.ask('GET', '');
    return roomInfoSchema.parse(good(status, body)).snapshot;
  }

  /** Asks until the run is settled. */
  async outcome({ questionId, runId }: StartedQuestion): Promise<Outcome> {
    const giveUpAt = performance.now() + SETTLED_WITHIN_MS;
    for (;;) {
      const { status, body } = await this.ask('GET', `questions/${questionId}/outcome?runId=${runId}`);
      const isPending = status === CONFLICT || status === UNAVAILABLE;
      if (!isPending || performance.now() > giveUpAt) return outcomeSchema.parse(good(status, body));
      await sleep(LOOK_MS);
    }
  }

  private ask(method: string, path: string, body?: object) {
    return request(
      `${this.url}/v1/rooms/${this.roomId}/${path}`.replace(/\/$/, ''),
      this.apiKey,
      method,
      body,
    );
  }
}

async function request(url: string, apiKey: string, method: string, body?: object) {
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.text() };
}

function good(status: number, body: string): unknown {
  if (status < 300) return body === '' ? {} : JSON.parse(body);
  throw new CannotRun(`A REST request was answered ${status}: ${body}`);
}

function startedQuestion({ questionId, runId, opensAt, endsAt }: Snapshot): StartedQuestion {
  if (questionId === null || runId === null || opensAt === null || endsAt === null) {
    throw new CannotRun('A question that was started has no instants.');
  }
  return { questionId, runId, opensAt, endsAt };
}
