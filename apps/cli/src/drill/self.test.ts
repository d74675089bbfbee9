import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../command.types.js';
import type { StopRequest } from '../signal.watch.js';
import { holdsWithin } from './condition.wait.js';
import { DrillField } from './drill.field.js';
import type { DrillOptions } from './drill.options.js';
import type { Violation, ViolationKind } from './fault.tally.js';
import { ProcessLog } from './process.log.js';
import { TAMPERINGS, type Tampering, TamperingProxy } from './tampering.proxy.js';

/** What each tampering has to be reported as. */
const EXPECTED: Readonly<Record<Tampering, ViolationKind>> = {
  double: 'repeated',
  drop: 'missed',
  delay: 'delayed',
  reorder: 'outOfOrder',
  again: 'doubled',
  early: 'early',
  'count-late': 'lateAccepted',
  'lose-answer': 'lostAnswers',
  'change-verdict': 'verdictChanged',
};

const WORDS: Readonly<Record<Tampering, string>> = {
  double: 'one closing twice',
  drop: 'one closing dropped',
  delay: 'one closing 6 s late',
  reorder: 'one closing after the next start',
  again: 'a second closing with a higher version',
  early: 'a closing 1 ms before its deadline',
  'count-late': 'a late answer told to be accepted',
  'lose-answer': 'an accepted answer that the outcome does not have',
  'change-verdict': 'an accepted answer told with another time than the outcome has',
};

const LOAD = {
  minMs: 1_000,
  maxMs: 1_500,
  tickMs: 250,
  habits: { closeChance: 0.1, lateChance: 0.45 },
};
const HONEST_MS = 4_000; // one question or two with proxies that do nothing
const REPORT_WITHIN_MS = 20_000; // until a player was late, and the outcome of that run was read
/** A run whose outcome could not be read in time is compared with nothing: what was done to it is done once more to another. */
const TRIES = 4;
/** One room for each tampering, and one that nobody touches. */
const ROOMS = TAMPERINGS.length + 1;

export interface SelfTestReport {
  readonly ok: boolean;
  readonly selfTest: readonly {
    readonly tampering: Tampering;
    readonly expected: ViolationKind;
    readonly caught: boolean;
  }[];
  /** What was reported though nobody had tampered with anything. */
  readonly falseAlarms: readonly string[];
}

/** `drill --self-test`: whether the checks can fail. The exit code. */
export async function selfTest(parts: {
  options: DrillOptions;
  say: (line: string) => void;
  stop: StopRequest;
}): Promise<number> {
  const { options, say, stop } = parts;
  const { signal } = stop;
  const violations: Violation[] = [];
  const proxies: TamperingProxy[] = [];
  const log = new ProcessLog(resolve('.cache', `drill-self-test-${process.pid}-logs`));
  const nothing = () => {};
  const field = new DrillField({
    seed: options.plan.seed,
    rooms: ROOMS,
    shape: { schedulers: 1, gateways: 1 },
    load: LOAD,
    log,
    isPatient: true,
    listener: {
      onViolation: (violation) => violations.push(violation),
      onClosed: nothing,
      onTickGap: nothing,
      onRepeatedTick: nothing,
      onRunChecked: nothing,
      onAnswered: nothing,
      onUnanswered: nothing,
      onOutcome: nothing,
    },
    playerUrls: async (room, urls) => {
      if (room >= TAMPERINGS.length) return urls;
      const proxy = await TamperingProxy.start(urls[0] ?? '');
      proxies[room] = proxy;
      return [proxy.url];
    },
  });
  try {
    say('Starting a small cluster, with a proxy before the player of each room...');
    await field.start(signal);
    await sleep(HONEST_MS, undefined, { signal });
    const falseAlarms = violations.splice(0).map(describe);
    const reported = (room: number, kind: ViolationKind) =>
      violations.some(
        (one) => one.kind === kind && isOfRoom(one, field.rooms[room]?.room.roomId ?? '', room),
      );
    const isAllCaught = () => TAMPERINGS.every((tampering, room) => reported(room, EXPECTED[tampering]));
    for (let tries = 0; tries < TRIES && !isAllCaught(); tries += 1) {
      for (const [room, tampering] of TAMPERINGS.entries()) {
        if (!reported(room, EXPECTED[tampering])) proxies[room]?.arm(tampering);
      }
      await holdsWithin(REPORT_WITHIN_MS, isAllCaught, signal);
    }
    const untouched = TAMPERINGS.length;
    falseAlarms.push(
      ...violations
        .filter((one) => isOfRoom(one, field.rooms[untouched]?.room.roomId ?? '', untouched))
        .map(describe),
    );
    const rows = TAMPERINGS.map((tampering, room) => ({
      tampering,
      expected: EXPECTED[tampering],
      caught: reported(room, EXPECTED[tampering]),
    }));
    const report: SelfTestReport = {
      ok: rows.every(({ caught }) => caught) && falseAlarms.length === 0,
      selfTest: rows,
      falseAlarms,
    };
    for (const { tampering, expected, caught } of rows) {
      say(`${caught ? 'caught ' : 'NOT CAUGHT'}  ${WORDS[tampering]}, to be reported as ${expected}`);
    }
    for (const alarm of falseAlarms) say(`FALSE ALARM  ${alarm}`);
    if (options.json) console.log(JSON.stringify(report));
    return report.ok ? EXIT.good : EXIT.broken;
  } catch (failure) {
    if (!signal.aborted) throw failure;
    say('Stopped.');
    return EXIT.couldNotRun;
  } finally {
    for (const proxy of proxies) proxy?.close();
    await field.stop();
    await log.close(false);
  }
}

const describe = ({ kind, text }: Violation): string => `${kind}: ${text}`;

/** Findings name the client (`room 3 player`) or the run with its room's id. */
const isOfRoom = ({ text }: Violation, roomId: string, room: number): boolean =>
  text.includes(roomId) || text.includes(`room ${room} `);
