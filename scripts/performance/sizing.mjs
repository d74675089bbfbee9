// The section "sizing" of docs/operating.md, from what rooms and players were measured to cost.
import { shown, table } from './markdown.mjs';

export const sources = ['rooms', 'fanout', 'capacity'];

const from = (name) => `[${name}.json](measurements/${name}.json)`;

function roomRows({ memory, ticks, players, takeOvers }) {
  const largest = memory.at(-1);
  const answered = memory.findLast((one) => one.answered !== null)?.answered;
  return [
    [
      'a room in Redis: just created, with an open question',
      `${shown(largest.idle.used)}, ${shown(largest.open.used)} bytes`,
    ],
    ...(answered === undefined
      ? []
      : [[`with ${players} players who have answered`, `${shown(answered.used)} bytes`]]),
    ...ticks.costs.map(({ rooms, net }) => [
      `one tick a second in each of ${shown(rooms)} rooms`,
      `${shown((net.schedulerUs * rooms) / 1e4)} % of a core for the scheduler, ${shown((net.redisUs * rooms) / 1e4)} % for Redis`,
    ]),
    ...takeOvers
      .slice(-1)
      .map(({ rooms, silent }) => [
        `a scheduler is killed that has half of ${shown(rooms)} rooms: until a room ticks again`,
        `p50 ${shown(silent.p50 / 1_000)} s, max ${shown(silent.max / 1_000)} s`,
      ]),
  ];
}

/** The capacity model tells sums well and an event of the many in a bunch badly; this is measured by itself. */
function eventRows({ members, sizes }) {
  const { sockets, summaries } = sizes.at(-1);
  const { deliveryUs } = summaries.find(({ name }) => name === 'quizbell');
  return [
    [
      `one event to one player, of ${shown(sockets)} in rooms of ${members}`,
      `${shown(deliveryUs)} µs of a gateway's CPU`,
    ],
  ];
}

/** Answers a second of which a gateway's cost is told: many of them share turns of its event loop. */
const ANSWER_RATE = 300;

/** As in apps/bench/src/capacity: each answer wants two turns, and a second has at most so many. */
function answerCost({ costs: { gateway, mostTurns } }) {
  const wanted = 2 * ANSWER_RATE;
  const turns = wanted / (1 + wanted / mostTurns.gateway);
  return gateway.answers + (turns * gateway.turns) / ANSWER_RATE;
}

function playerRows(result) {
  const { costs, connections } = result;
  const { gateway, gatewayMemory } = costs;
  const perSecond = (ms) => `${shown(1_000 * ms)} µs`;
  return [
    [
      'an open connection of a gateway',
      `${shown(1_024 * gatewayMemory.sockets)} KiB, ${perSecond(gateway.sockets)} of CPU each second`,
    ],
    [`one answer, of ${ANSWER_RATE} a second`, `${perSecond(answerCost(result))} of a gateway's CPU`],
    [
      'a gateway or a scheduler that has nothing to do',
      `${connections.gateway} or ${connections.scheduler} connections to Redis, ${shown(gateway.fixed / 10)} or ${shown(costs.scheduler.fixed / 10)} % of its core`,
    ],
  ];
}

const ROWS = { rooms: roomRows, fanout: eventRows, capacity: playerRows };

export function render(results) {
  const rows = sources
    .filter((name) => results[name] !== undefined)
    .flatMap((name) => ROWS[name](results[name]).map((row) => [...row, from(name)]));
  return rows.length === 0 ? '' : table(['what', 'takes', 'from'], rows).replaceAll('--:', '---');
}
