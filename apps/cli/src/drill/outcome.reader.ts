import { Agent, get } from 'node:http';
import { type Outcome, outcomeSchema } from '#libs/protocol';
import type { AnswerChecker, OutcomeRead, OutcomeWanted } from './answer.checker.js';

/** So many at once, over connections that are kept: two cores serve the rooms as well. */
const READS_AT_ONCE = 8;
const READS_PER_LOOK = 128;
const READ_TIMEOUT_MS = 3_000;

/** Reads outcomes by REST, from each gateway in turn, also while a fault is on: an outcome is right at any time or not there. */
export class OutcomeReader {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: READS_AT_ONCE });

  constructor(
    private readonly urls: readonly string[],
    private readonly checker: AnswerChecker,
    private readonly tokenOf: (roomId: string) => string,
  ) {}

  /** Reads what is to be read now. */
  async readDue(now: () => number): Promise<void> {
    const wanted = this.checker.outcomesToRead(now(), READS_PER_LOOK);
    const readOn = async () => {
      for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
        this.checker.read(next, await this.read(next), now());
      }
    };
    await Promise.all(Array.from({ length: READS_AT_ONCE }, readOn));
  }

  close(): void {
    this.agent.destroy();
  }

  private async read({ roomId, questionId, runId, reads }: OutcomeWanted): Promise<OutcomeRead> {
    const url = this.urls[(runId + reads) % this.urls.length] ?? '';
    const path = `/v1/rooms/${roomId}/questions/${questionId}/outcome?runId=${runId}`;
    const answer = await this.ask(`${url}${path}`, this.tokenOf(roomId)).catch(() => undefined);
    switch (answer?.status) {
      case 200:
        return { kind: 'outcome', outcome: outcomeSchema.parse(JSON.parse(answer.text)) satisfies Outcome };
      case 404:
        return { kind: 'missing' };
      case 409:
        return { kind: 'unsettled' };
      default:
        return { kind: 'unanswered' };
    }
  }

  private ask(url: string, token: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const request = get(
        url,
        {
          agent: this.agent,
          headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
          timeout: READ_TIMEOUT_MS,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
          );
        },
      );
      request.on('timeout', () => request.destroy(new Error('no answer in time')));
      request.on('error', reject);
    });
  }
}
