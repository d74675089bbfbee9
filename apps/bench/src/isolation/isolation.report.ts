import { median, rounded } from '../percentiles.js';
import { machineLine, type RunFacts } from '../suite.output.js';
import type { IsolationSlot, Messages } from './isolation.contest.js';
import { CONTESTANTS, type ContestantName } from './isolation.contestants.js';

/** Messages of foreign rooms at a gateway that holds none of them. */
export const GOAL_MESSAGES = 0;

/** What one contestant did in one round. */
export interface IsolationFigures {
  readonly name: ContestantName;
  /** While the rooms of A were busy, at the server that has them and at the one that does not. */
  readonly a: Messages;
  readonly b: Messages;
  /** CPU time of server B (ms in a second) while the rooms of A were busy, and while they were not. */
  readonly busyCpuMs: number;
  readonly quietCpuMs: number;
  /** Ticks of B's quiet room that its members heard. */
  readonly quietTicks: number;
  readonly answers: number;
  readonly joins: number;
}

export interface IsolationSummary
  extends Pick<IsolationFigures, 'name' | 'busyCpuMs' | 'quietCpuMs' | 'a' | 'b'> {
  /** What busy rooms of others add to the CPU time of B (ms in a second): the median of the rounds. */
  readonly addedCpuMs: number;
}

export interface IsolationResult extends RunFacts {
  readonly bench: 'isolation';
  readonly rooms: number;
  readonly members: number;
  readonly tickMs: number;
  readonly seconds: number;
  readonly goalMessages: number;
  readonly rounds: readonly (readonly IsolationFigures[])[];
  /** CPU: medians of the rounds. Messages: of all rounds together. */
  readonly summaries: readonly IsolationSummary[];
  /** B was sent nothing that is not its own, A was sent what is, and everybody heard what was for them. */
  readonly isKept: boolean;
  readonly broken: readonly string[];
}

const MS_PER_SECOND = 1_000;

/** @param slots one for each contestant, in their order: it was busy in its own and was not in the others' */
export function isolationRound(slots: readonly IsolationSlot[]): IsolationFigures[] {
  return CONTESTANTS.flatMap((name, i) => {
    const own = slots[i];
    const busy = own?.work[i];
    if (own === undefined || busy === undefined) return [];
    const idle = slots.flatMap(({ work }, slot) => (slot === i ? [] : (work[i] ?? [])));
    const total = (of: 'bCpuMs' | 'windowMs') => idle.reduce((sum, one) => sum + one[of], 0);
    return {
      name,
      a: busy.a,
      b: busy.b,
      busyCpuMs: rounded((busy.bCpuMs * MS_PER_SECOND) / busy.windowMs),
      quietCpuMs: rounded((total('bCpuMs') * MS_PER_SECOND) / total('windowMs')),
      quietTicks: busy.quiet.ticks - busy.quiet.missing,
      answers: own.answers,
      joins: own.joins,
    };
  });
}

const summed = (messages: readonly Messages[]): Messages => {
  const sum = (of: keyof Messages) => messages.reduce((total, one) => total + one[of], 0);
  return { foreign: sum('foreign'), own: sum('own'), canaries: sum('canaries') };
};

function brokenOf(
  rounds: readonly (readonly IsolationFigures[])[],
  { rooms, members }: Pick<IsolationResult, 'rooms' | 'members'>,
): string[] {
  return rounds.flatMap((round, i) =>
    round.flatMap(({ name, a, b, quietTicks, answers, joins }) => {
      const wanted = name === 'quizbell' ? rooms * members : 0;
      const odd = [
        ...(name === 'quizbell' && b.foreign > GOAL_MESSAGES
          ? [`the gateway that holds none of the busy rooms was sent ${b.foreign} messages of others`]
          : []),
        ...(a.foreign === 0 ? ['the server with the busy rooms was sent nothing of them'] : []),
        ...(b.own === 0 || quietTicks <= 0 ? ['the quiet room was not heard'] : []),
        ...(answers === wanted ? [] : [`${answers} of ${wanted} answers`]),
        ...(joins === rooms ? [] : [`${joins} of ${rooms} joins`]),
      ];
      return odd.map((what) => `round ${i + 1}, ${name}: ${what}`);
    }),
  );
}

export function isolationResult(
  rounds: readonly (readonly IsolationFigures[])[],
  about: RunFacts & Pick<IsolationResult, 'rooms' | 'members' | 'tickMs' | 'seconds'>,
): IsolationResult {
  const broken = brokenOf(rounds, about);
  return {
    bench: 'isolation',
    ...about,
    goalMessages: GOAL_MESSAGES,
    rounds,
    summaries: CONTESTANTS.map((name): IsolationSummary => {
      const all = rounds.flatMap((round) => round.filter((one) => one.name === name));
      const middle = (of: (one: IsolationFigures) => number) => rounded(median(all.map(of)));
      return {
        name,
        a: summed(all.map(({ a }) => a)),
        b: summed(all.map(({ b }) => b)),
        busyCpuMs: middle(({ busyCpuMs }) => busyCpuMs),
        quietCpuMs: middle(({ quietCpuMs }) => quietCpuMs),
        addedCpuMs: middle(({ busyCpuMs, quietCpuMs }) => busyCpuMs - quietCpuMs),
      };
    }),
    isKept: broken.length === 0,
    broken,
  };
}

/** What `a` of the summaries calls foreign are, at the server with the busy rooms, its own. */
export const busyMessages = ({ a }: Pick<IsolationSummary, 'a'>): number => a.foreign;

const NAME_WIDTH = 20;
const CELL_WIDTH = 11;
const row = (name: string, cells: readonly (string | number)[]): string =>
  `  ${name.padEnd(NAME_WIDTH)}${cells.map((cell) => String(cell).padStart(CELL_WIDTH)).join('')}`;

const NAMES: Readonly<Record<ContestantName, string>> = {
  quizbell: 'quizbell',
  sharded: 'socket.io, sharded',
  classic: 'socket.io, classic',
};

/** One line for the progress. */
export const isolationLine = (round: readonly IsolationFigures[]): string =>
  round
    .map(
      ({ name, a, b, busyCpuMs, quietCpuMs }) =>
        `${name}: A ${a.foreign}, B ${b.foreign} messages, CPU ${quietCpuMs} -> ${busyCpuMs} ms/s`,
    )
    .join('; ');

export function isolationTable(result: IsolationResult): string {
  const { rooms, members, tickMs, seconds, rounds, summaries, isKept, broken } = result;
  return [
    row('', ['at A', 'at B', "B's own", 'canaries', 'CPU quiet', 'CPU busy', 'added']),
    ...summaries.map((one) =>
      row(NAMES[one.name], [
        busyMessages(one),
        one.b.foreign,
        one.b.own,
        one.b.canaries,
        one.quietCpuMs,
        one.busyCpuMs,
        one.addedCpuMs,
      ]),
    ),
    isKept
      ? `  Goal, ${GOAL_MESSAGES} messages of other rooms at our B: met.`
      : ['BROKEN:', ...broken.map((text) => `  ${text}`)].join('\n'),
    `Messages that Redis sent in ${rounds.length} times ${seconds} s, in which ${rooms} rooms of ${members} members at server A had a tick each ${tickMs} ms, answers and`,
    'joins: to A, and to B, which holds none of them but a room of its own. CPU of B, ms in a second, medians of the rounds.',
    machineLine(result),
  ].join('\n');
}
