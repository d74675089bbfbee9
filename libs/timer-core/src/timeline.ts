import type { Change } from './change.js';
import type { CloseReason } from './room.state.js';
import type { DurationMs, EpochMs, RunId, Version } from './units.js';

/** One thing that happened to a run, for its outcome. */
export interface TimelineEntry {
  readonly event: 'started' | 'opened' | 'paused' | 'resumed' | 'extended' | 'closed';
  /** When it took effect; for an opening and an expiry the due instant, not the one at which somebody noticed. */
  readonly at: EpochMs;
  /** Of the event that told it. */
  readonly version: Version;
  /** The deadline from then on; null while paused. */
  readonly endsAt: EpochMs | null;
  /** Planned open time from then on, extensions included. */
  readonly durationMs: DurationMs;
  /** With `closed`. */
  readonly reason?: CloseReason;
}

const NAMES: Readonly<Record<string, TimelineEntry['event']>> = {
  'question:started': 'started',
  'question:opened': 'opened',
  'question:paused': 'paused',
  'question:resumed': 'resumed',
  'question:extended': 'extended',
  'question:closed': 'closed',
};

/** What a change adds to the timeline of one of its runs, in the order of the events. */
export function timelineOf(change: Change, runId: RunId): TimelineEntry[] {
  return change.events.flatMap((told): TimelineEntry[] => {
    const event = NAMES[told.type];
    if (told.type === 'room:closed' || event === undefined || told.view.runId !== runId) return [];
    const { version, endsAt, durationMs, reason } = told.view;
    if (durationMs === null) return [];
    return [{ event, at: told.at, version, endsAt, durationMs, ...(reason === undefined ? {} : { reason }) }];
  });
}
