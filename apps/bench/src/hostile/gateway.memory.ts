import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchGateway } from '../cluster/bench.cluster.js';
import { answerToSignal } from '../process/answer.to.signal.js';

const LOOK_EVERY_MS = 250;
const MIB = 1024 * 1024;
const PROBE = new URL('./memory.probe.js', import.meta.url);

/** Environment of a gateway whose memory is to be looked at. */
export const MEMORY_PROBE_ENV = { NODE_OPTIONS: `--import ${fileURLToPath(PROBE)}` } as const;

/** Looks at a gateway's memory from outside, so that looking costs the gateway nothing. */
export class GatewayMemory {
  private readonly timer: NodeJS.Timeout;
  private highestMib = 0;

  constructor(private readonly gateway: BenchGateway) {
    this.timer = setInterval(() => void this.rss().catch(() => {}), LOOK_EVERY_MS);
  }

  /** The highest that was seen until now, MiB. */
  get highestRss(): number {
    return this.highestMib;
  }

  /** The whole process, MiB. */
  async rss(): Promise<number> {
    const mib = (await residentBytes(this.gateway.pid)) / MIB;
    this.highestMib = Math.max(this.highestMib, mib);
    return mib;
  }

  /**
   * What is in use after a forced collection, MiB.
   *
   * @throws CannotRun when the gateway does not tell
   */
  async inUse(): Promise<number> {
    const question = { signal: 'SIGUSR2', pattern: /^MEMORY (.*)$/, what: 'memory' } as const;
    const [, told] = await answerToSignal(this.gateway.child, question);
    const { heapUsed, external } = JSON.parse(told ?? '{}') as { heapUsed?: number; external?: number };
    return ((heapUsed ?? Number.NaN) + (external ?? Number.NaN)) / MIB;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

async function residentBytes(pid: number): Promise<number> {
  // Linux has a file for it, which spares a process each time.
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null);
  const kib = status === null ? undefined : /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  if (kib !== undefined) return Number(kib) * 1024;
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', `${pid}`]);
  return Number(stdout.trim()) * 1024;
}
