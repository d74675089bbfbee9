import { readFileSync } from 'node:fs';
import { type Check, check } from './check.types.js';

/** Files and connections of a gateway besides those of its clients: modules, Redis, logs, the ops port. */
const SPARE_FILES = 500;

/** Whether a gateway on this machine, under these limits, may have as many connections as it is told to take. */
export function openFilesCheck(maxConnections: number, limits: string | undefined = ownLimits()): Check {
  const wanted = `${maxConnections + SPARE_FILES} for QUIZBELL_MAX_CONNECTIONS=${maxConnections}`;
  const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(limits ?? '') ?? [];
  if (soft === undefined) {
    return check('open-files', {
      status: 'unknown',
      found: 'not told by this system',
      wanted,
      advice: 'See ulimit -n where gateways run.',
    });
  }
  const isEnough = soft === 'unlimited' || Number(soft) >= maxConnections + SPARE_FILES;
  return isEnough
    ? check('open-files', { status: 'good', found: `${soft} here`, wanted })
    : check('open-files', {
        status: 'warning',
        found: `${soft} here`,
        wanted,
        advice:
          'If a gateway runs under the same limits: raise ulimit -n (LimitNOFILE, ulimits of compose), or lower QUIZBELL_MAX_CONNECTIONS.',
      });
}

/** Linux only. Node raises the soft limit to the hard one at its start, so this is what a gateway gets as well. */
function ownLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return undefined;
  }
}
