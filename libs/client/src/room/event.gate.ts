import type { ServerEvent } from './wire.reader.js';

/**
 * Says whether an event is news for the handlers of the app. Each is told once for its version, in the order of the
 * versions: what comes again or after a newer one was only delivered twice or late. `question:closed` is told once for its
 * run, so that one that was learned from a snapshot is not told again by the event.
 */
export class EventGate {
  private newestVersion = Number.NEGATIVE_INFINITY;
  /** What was told of the newest version: a `room:state` may repeat what an event said. */
  private readonly told = new Set<string>();
  private closedRunId = Number.NEGATIVE_INFINITY;
  private tickAt = Number.NEGATIVE_INFINITY;

  pass(heard: ServerEvent): boolean {
    switch (heard.event) {
      case 'room:presence':
      case 'answers:count':
      case 'member:removed':
      case 'server:draining':
        return true;
      case 'question:tick':
        return this.passTick(heard.payload);
      case 'room:state':
        return this.passVersion(heard.event, heard.payload.snapshot.version);
      case 'question:closed': {
        const runId = heard.payload.runId ?? 0;
        if (runId <= this.closedRunId || !this.passVersion(heard.event, heard.payload.version)) return false;
        this.closedRunId = runId;
        return true;
      }
      default:
        return this.passVersion(heard.event, heard.payload.version);
    }
  }

  /** All ticks between two changes have the same version; they differ by their instant. */
  private passTick({
    version,
    serverNow,
  }: {
    readonly version: number;
    readonly serverNow: number;
  }): boolean {
    if (version < this.newestVersion || serverNow <= this.tickAt) return false;
    this.tickAt = serverNow;
    return true;
  }

  private passVersion(event: string, version: number): boolean {
    if (version < this.newestVersion) return false;
    if (version > this.newestVersion) {
      this.newestVersion = version;
      this.told.clear();
    }
    if (this.told.has(event)) return false;
    this.told.add(event);
    return true;
  }
}
