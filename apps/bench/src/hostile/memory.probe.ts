// Loaded into a process by NODE_OPTIONS=--import: on SIGUSR2 it collects garbage and prints what is left.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function tellMemory(): Promise<void> {
  // Twice with a turn between: finalizers of the first pass free what the second can collect.
  collect();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.stderr.write(`MEMORY ${JSON.stringify({ heapUsed, external, rss })}\n`);
}

process.on('SIGUSR2', () => void tellMemory());
