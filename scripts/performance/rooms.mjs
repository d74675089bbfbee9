// The section "rooms" of docs/performance.md, from docs/measurements/rooms.json.
import { machineText, shown, table } from './markdown.mjs';

const three = ({ p50, p99, max }) => [p50, p99, max].map(shown).join(' / ');
const both = ({ schedulerUs, redisUs }) => [schedulerUs, redisUs].map(shown);
const verdict = (isMet) => (isMet ? 'met' : 'missed');

function memoryText({ memory, players }) {
  const bytes = (one) => (one === null ? '' : `${shown(one.used)} (${shown(one.keys)})`);
  const rows = memory.map(({ rooms, idle, open, answered }) => [
    shown(rooms),
    ...[idle, open, answered].map(bytes),
  ]);
  return `Bytes of Redis for one room, and in brackets \`MEMORY USAGE\` of the room's own keys:

${table(['rooms', 'just created', 'open question', `${players} players have answered`], rows)}`;
}

function tickText({ ticks, tickMs, goals }) {
  const { costs, idle, ratios, isGoalMet, rounds } = ticks;
  const rows = costs.map(({ rooms, net, gross }) => [shown(rooms), ...both(net), ...both(gross)]);
  const [few, many] = [costs[0].rooms, costs.at(-1).rooms].map(shown);
  const goal =
    isGoalMet === null
      ? ''
      : ` The goal is at most ${goals.ratio}: ${verdict(isGoalMet.scheduler)} by the scheduler, ${verdict(isGoalMet.redis)} by Redis.`;
  return `CPU time in microseconds for one tick of one room, at a tick each ${shown(tickMs / 1_000)} s, medians of ${rounds.length} rounds:

${table(['rooms that tick', 'scheduler', 'Redis', 'scheduler, with the rest', 'Redis, with the rest'], rows)}

The rest is what is spent when no room ticks: ${shown(idle.schedulerMs)} ms a second by the scheduler, ${shown(idle.redisMs)} ms by Redis. Without it, a tick of
${many} rooms costs the scheduler ${ratios.net.scheduler} of what one of ${few} rooms does, and Redis ${ratios.net.redis} (with it ${ratios.gross.scheduler} and ${ratios.gross.redis}; medians
of the rounds' ratios).${goal}`;
}

function takeOverText({ takeOvers }) {
  const rows = takeOvers.map(({ rooms, kills, owned, silent }) => [
    shown(rooms),
    shown(kills.length),
    three(owned),
    three(silent),
  ]);
  return `Milliseconds from the kill of a scheduler that had half of the rooms, p50 / p99 / max:

${table(['rooms', 'kills', 'its last shard has an owner', 'a room ticks again'], rows)}`;
}

export function render(result) {
  return `${memoryText(result)}

${tickText(result)}

${takeOverText(result)}

${machineText(result, 'rooms')}`;
}
