import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterChild, isCleanStop } from '../cluster/child.process.js';
import type { ProcessGuardian } from '../cluster/process.guardian.js';
import { CannotRun } from '../command.types.js';
import type { ProcessLog } from './process.log.js';

export interface DrillProcessSpec {
  readonly name: string;
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  readonly readyLine: RegExp;
  readonly guardian: ProcessGuardian;
  readonly log: ProcessLog;
}

const READY_WITHIN_MS = 30_000;
const PROCESS_ID = /"processId":"([^"]+)"/;
const AUDIT_FINDING = /"finding":"/;

/** A scheduler or gateway through all its lives. */
export class DrillProcess {
  /** The name by which it holds leases in this life, as it logs it. */
  processId = '';
  /** When it was ended or frozen by a fault, nobody is surprised. */
  private isMeantToLive = false;
  private auditFindings: string[] = [];
  private child: ClusterChild | undefined;

  constructor(private readonly spec: DrillProcessSpec) {}

  get name(): string {
    return this.spec.name;
  }

  /** Whether it ended though nobody ended it. */
  get hasDied(): boolean {
    return this.isMeantToLive && this.child?.hasExited === true;
  }

  get lastLines(): readonly string[] {
    return this.child?.lastLines ?? [];
  }

  /** Starts it and waits for its ready line. @throws CannotRun if that does not come */
  async launch(): Promise<void> {
    const { name, script, env, readyLine, guardian, log } = this.spec;
    const write = log.writer(name);
    this.processId = '';
    const child = new ClusterChild(
      {
        name,
        command: process.execPath,
        args: ['--enable-source-maps', script],
        env,
        readyLine,
        onLine: (stream, line) => {
          write(stream, line);
          this.processId = line.match(PROCESS_ID)?.[1] ?? this.processId;
          if (AUDIT_FINDING.test(line)) this.auditFindings.push(line);
        },
      },
      guardian,
    );
    this.child = child;
    const timer = new AbortController();
    const isReady = await Promise.race([
      child.ready.then(() => true),
      child.exited.then(() => false),
      sleep(READY_WITHIN_MS, false, { signal: timer.signal }).catch(() => false),
    ]);
    timer.abort();
    if (!isReady) throw new CannotRun(`${name} did not get ready:\n${child.lastLines.join('\n')}`);
    this.isMeantToLive = true;
  }

  /** What its own audit of Redis has found since the last call: it should be nothing. */
  takeAuditFindings(): string[] {
    return this.auditFindings.splice(0);
  }

  freeze(): void {
    this.child?.signal('SIGSTOP');
  }

  wake(): void {
    this.child?.signal('SIGCONT');
  }

  /** SIGKILL; settles when it has ended. */
  async kill(): Promise<void> {
    this.isMeantToLive = false;
    this.child?.signal('SIGKILL');
    await this.child?.exited;
  }

  /** SIGTERM; settles when it has ended. `false` if it did not end as it should. */
  async stop(): Promise<boolean> {
    this.isMeantToLive = false;
    const { child } = this;
    if (child === undefined || child.hasExited) return true;
    this.wake(); // a frozen process hears no SIGTERM
    return isCleanStop(await child.stop());
  }
}
