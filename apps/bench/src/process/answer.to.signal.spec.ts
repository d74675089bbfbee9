import { afterEach, describe, expect, it } from '@jest/globals';
import { CannotRun } from '../suite.types.js';
import { answerToSignal } from './answer.to.signal.js';
import { GuardedChild } from './guarded.child.js';

const ASK = { signal: 'SIGUSR2', pattern: /^USED (\d+)$/, what: 'use' } as const;
const STAYS = 'setInterval(() => {}, 1000); console.log("ready");';

let child: GuardedChild;

/** A process that does this when it is asked. */
async function start(reaction: string): Promise<void> {
  const script = `process.on('SIGUSR2', () => { ${reaction} }); ${STAYS}`;
  child = new GuardedChild({ name: 'worker', command: process.execPath, args: ['-e', script], env: {} });
  await child.line(/^ready$/);
}

afterEach(() => child.stop());

describe('answerToSignal', () => {
  it('gives the line by which the process answers', async () => {
    await start('console.log("USED 7")');
    const [, used] = await answerToSignal(child, ASK);
    expect(used).toBe('7');
  });

  it('does not wait for a process that ends instead, or has ended', async () => {
    await start('process.exit(3)');
    const failure = new CannotRun('worker ended: code 3\n  ready');
    await expect(answerToSignal(child, ASK)).rejects.toThrow(failure);
    await expect(answerToSignal(child, ASK)).rejects.toThrow(failure);
  });
});
