import { useEffect, useState } from 'react';
import type { Room, Snapshot } from '#libs/client';
import { loadResults, settlesInMs } from './results.loader.js';
import type { RoomResults } from './results.reader.js';

/** `none`: there are none to be had. */
export type ResultsState =
  | { readonly kind: 'settling' | 'none' }
  | { readonly kind: 'results'; readonly results: RoomResults };

const SETTLING: ResultsState = { kind: 'settling' };

/** The results of a closed question, once its run is settled. Asks once per run, and again until there are some. */
export function useResults(room: Room, question: Snapshot, token: string): ResultsState {
  const { roomId, questionId, runId, phase, closedAt, graceMs } = question;
  const [loaded, setLoaded] = useState<{ readonly runId: number; readonly state: ResultsState } | null>(null);
  const isClosed = phase === 'closed';
  useEffect(() => {
    if (!isClosed || questionId === null || runId === null) return;
    const leaving = new AbortController();
    const delayMs = settlesInMs({ closedAt, graceMs }, room.serverNow());
    const request = { roomId, questionId, runId, token, delayMs, signal: leaving.signal };
    void loadResults(request).then((results) => {
      if (leaving.signal.aborted) return;
      setLoaded({ runId, state: results === null ? { kind: 'none' } : { kind: 'results', results } });
    });
    return () => leaving.abort();
  }, [room, token, roomId, questionId, runId, isClosed, closedAt, graceMs]);
  return loaded !== null && loaded.runId === runId ? loaded.state : SETTLING;
}
