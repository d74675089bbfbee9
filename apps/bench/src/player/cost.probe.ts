// Loaded into a gateway by NODE_OPTIONS=--import. On SIGUSR2 it collects garbage, and tells what is left (bytes); on SIGWINCH it
// prints the CPU time (µs) of the process and of its main thread, which costs next to nothing: reading its metrics takes
// 15 ms with thousands of sockets.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('SIGUSR2', () => {
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.stderr.write(`COLLECTED ${heapUsed} ${external} ${rss}\n`);
});
process.on('SIGWINCH', () => {
  const all = process.cpuUsage();
  // Not before Node 23.9.
  const main = process.threadCpuUsage?.() ?? all;
  process.stderr.write(`CPU ${all.user + all.system} ${main.user + main.system}\n`);
});
