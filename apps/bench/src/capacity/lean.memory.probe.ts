// Loaded into a process by NODE_OPTIONS=--import. On SIGURG it collects its garbage, and says so. On SIGUSR2 it gives back all
// memory that it does not need and prints what is left: that throws compiled code away too, so that what is measured next has
// to be warmed up again.
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options: {
  type: 'major';
  flavor: 'regular' | 'last-resort';
}) => void;
/** Pages are given back by a thread of its own. */
const GIVEN_BACK_MS = 250;

async function tellMemory(): Promise<void> {
  // Twice: finalizers of the first pass free what the second can collect.
  for (let pass = 0; pass < 2; pass++) {
    collect({ type: 'major', flavor: 'last-resort' });
    await sleep(GIVEN_BACK_MS);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  process.stderr.write(`MEMORY ${JSON.stringify({ heapUsed, external, rss })}\n`);
}

process.on('SIGURG', () => {
  collect({ type: 'major', flavor: 'regular' });
  process.stderr.write('COLLECTED\n');
});
process.on('SIGUSR2', () => void tellMemory());
