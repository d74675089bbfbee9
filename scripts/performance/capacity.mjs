// The section "capacity" of docs/performance.md, from docs/measurements/capacity.json.
import { median } from '../../apps/bench/src/percentiles.ts';
import { machineText, shown, table } from './markdown.mjs';

const percent = (part) => `${shown(100 * part)} %`;
const verdict = (isMet) => (isMet ? 'met' : 'missed');

/** Units whose cost is for each second that they are there; all others are for each time. */
const STANDING = new Set(['fixed', 'sockets', 'processes']);

const UNITS = {
  fixed: 'a process, without any',
  sockets: 'an open connection',
  bunches: 'a bunch of messages from Redis',
  messages: 'a message from Redis',
  deliveries: 'an event to one player',
  answers: 'an answer',
  commands: 'a command of a host',
  calls: 'a call that carries ticks',
  turns: 'a turn that has something to do',
  ticks: 'a tick',
  runs: 'a question, from start to outcome',
  processes: 'itself, divided by the gateways and schedulers that are there',
  hearings: 'a message to one gateway',
  audits: 'a room that the audit looks at',
};

function costText({ costs, sizes }) {
  const rows = Object.entries({
    gateway: costs.gateway,
    scheduler: costs.scheduler,
    Redis: costs.redis,
  }).flatMap(([name, units]) =>
    Object.entries(units).map(([unit, ms]) => [
      `${name}: ${UNITS[unit]}${STANDING.has(unit) ? ', each second' : ''}`,
      shown(1_000 * ms),
    ]),
  );
  const fitted = sizes.slice(0, -1).map(({ players }) => shown(players));
  const { mostTurns } = costs;
  const { fixed, sockets, rooms } = costs.gatewayMemory;
  return `What one of each costs, in microseconds of CPU time, fitted on ${fitted.join(' and ')} players:

${table(['', 'µs'], rows)}

What comes at about the same time is done in one turn, and a second has at most about so many: ${shown(mostTurns.gateway)} of a gateway\n(for what clients call), ${shown(mostTurns.redis)} of Redis. A gateway takes ${shown(fixed)} MiB, ${shown(1_024 * sockets)} KiB for each
connection and ${shown(1_024 * rooms)} KiB for each room of which it hears. Redis takes ${shown(costs.redisMemory.rooms)} bytes for a room, ${shown(costs.redisMemory.members)} for each member,
${shown(costs.redisMemory.runs)} for each question that it keeps and ${shown(costs.redisMemory.answers)} for each answer to it.`;
}

/** The errors of the rounds, each fitted by itself: median, and from the least to the most. */
function roundsText(rounds) {
  return [percent(median(rounds)), `${percent(Math.min(...rounds))} / ${percent(Math.max(...rounds))}`];
}

function forecastText({ forecasts, judged, errors, sizes, goalError }) {
  const rows = forecasts.map(({ resource, where, measured, predicted, error, rounds }) => {
    const what = `${resource}: ${where}`;
    const isJudged = judged[resource]?.includes(where) === true;
    return [
      isJudged ? `**${what}**` : what,
      shown(measured),
      shown(predicted),
      percent(error),
      ...roundsText(rounds),
    ];
  });
  const goals = (errors ?? []).map(
    ({ resource, error, isMet }) => `${resource} ${percent(error)}: ${verdict(isMet)}`,
  );
  const goal =
    goals.length === 0
      ? ''
      : `\n\nThe goal is an error of at most ${percent(goalError)} in the windows that are like the plan's (in bold), by the median of the rounds, each by itself; of the worse one of each resource: ${goals.join('; ')}.`;
  return `What that says of ${shown(sizes.at(-1).players)} players, which it has not seen (CPU in ms a second, of gateways in MiB, of Redis in bytes):

${table(['', 'measured', 'predicted', 'off by', 'a round by itself', 'from / to'], rows)}${goal}`;
}

const LAYOUTS = { true: 'a room on one gateway', false: 'rooms on all gateways' };

function planText({ plans, unplanned, scenario, prices }) {
  const { roomSize, questionMs, pauseMs, answerShare, retentionMs } = scenario;
  const rows = plans.map((plan) => {
    const { players, hasTicks, isHashed, gateways, schedulers, redisMasters, gateway, redis, month } = plan;
    return [
      `${shown(players)}, ${hasTicks ? 'ticks' : 'no ticks'}, ${LAYOUTS[isHashed]}`,
      `${shown(gateways)} / ${schedulers} / ${redisMasters}`,
      percent(gateway.cpu),
      percent(redis.cpu),
      shown(redis.messagesPerSecond),
      shown(redis.mb),
      shown(month.processes),
      shown(month.egress),
    ];
  });
  const needs = plans.map(({ players, hasTicks, isHashed, bottlenecks, needs: needed }) => [
    `${shown(players)}, ${hasTicks ? 'ticks' : 'no ticks'}, ${LAYOUTS[isHashed]}`,
    ...bottlenecks.map((what) => `${what}: ${shown(needed[what])}`),
  ]);
  const seconds = (ms) => shown(ms / 1_000);
  const none = unplanned
    .map(
      ({ players, hasTicks, isHashed }) =>
        `\n\n${shown(players)}, ${hasTicks ? 'ticks' : 'no ticks'}, ${LAYOUTS[isHashed]}: no number of gateways is enough, because each has to work for the shards of all masters.`,
    )
    .join('');
  return `### A plan

All players play at the same time, in rooms of ${roomSize}: a question of ${seconds(questionMs)} s, ${seconds(pauseMs)} s until the next, and ${percent(answerShare)} of them answer. A process is used up
to ${percent(prices.headroom)} of its core. Answers are kept for ${shown(retentionMs / 3_600_000)} hours, and ${prices.busyHours} of the ${730} hours of a month are like that. Prices are assumptions, not
quotes, in any currency: ${prices.coreHour} for a core and ${prices.gbHour} for a GB of memory each hour, ${prices.egressGb} for a GB sent to players.

${table(['players', 'gateways / schedulers / Redis', 'CPU of a gateway', 'CPU of Redis, all masters', 'messages/s of Redis', 'MB of Redis', 'processes, a month', 'traffic, a month'], rows)}

What would need a second one first, if there were one of each, and what comes next; the number is how many of it that many players
need (below 1: one is enough, and nothing is short):

${table(['players', 'first', 'next'], needs)}${none}`;
}

export function render(result) {
  return `${costText(result)}

${forecastText(result)}

${planText(result)}

${machineText(result, 'capacity')}`;
}
