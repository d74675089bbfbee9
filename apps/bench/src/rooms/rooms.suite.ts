import { benchRedis } from '../process/private.redis.js';
import { randomSeed, seeded } from '../seeded.random.js';
import { runFacts, tell } from '../suite.output.js';
import { aborted, EXIT, progress, type Suite } from '../suite.types.js';
import { TICK_MS } from '../ticks/tick.contest.js';
import { measureMemory, type RoomMemory } from './room.memory.js';
import { parseRoomsOptions, type RoomsOptions } from './rooms.options.js';
import {
  GOALS,
  roomsResult,
  roomsTables,
  rungLine,
  type TakeOverSize,
  takeOverLine,
  takeOverSize,
} from './rooms.report.js';
import { measureTakeOvers } from './take.over.js';
import { climbLadder } from './tick.ladder.js';

/** With players, memory is measured up to so many rooms: it grows with each, and they take long to join. */
const MOST_ROOMS_WITH_PLAYERS = 1_000;

const HELP = `Usage: npm run bench -- rooms [options]

What a room costs, by number of rooms. Memory: what Redis uses more with so many rooms that are idle, have an open question,
have players who have answered (up to ${MOST_ROOMS_WITH_PLAYERS.toLocaleString('en-US')} rooms). Ticks: CPU time of one scheduler and of Redis for one tick of one room,
at one a second, with what both spend when no room ticks taken off; one size after the other in each round, up and down.
Goal: with ${GOALS.manyRooms.toLocaleString('en-US')} rooms at most ${GOALS.ratio} of what it is with ${GOALS.fewRooms}. Take-over: two schedulers share the shards, and the older one
is killed; how long until the other one has its shards, and until its rooms tick again?

  --rooms 100,1000,10000   so many rooms, rising
  --players 20             so many in each room, where memory is measured with players
  --seconds 10             so long are ticks measured at each size; half as long with very many rooms
  --rounds 5               so many rounds of that
  --kills 5                so many at each size
  --seed N                 the same rooms at the same instants again
  --smoke                  few rooms, 1 s, 1 round, 1 kill; costs are not judged
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --note TEXT              stands in that document: what else was going on
  --profile DIR            a CPU profile of the scheduler that sends the ticks in DIR (it costs time)
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://), of a Redis that nobody else uses; without one a private redis-server is
started and, at the end, removed.

Exit codes: 0 ticks came once and every room ticked again (whatever it cost), 1 not so, 2 could not run.`;

/** `npm run bench -- rooms`. */
export const roomsSuite: Suite = {
  summary: 'what a room costs: memory, ticks, take-over, by number of rooms',
  help: HELP,
  async run(args, stop) {
    const options = parseRoomsOptions(args, randomSeed());
    const redis = await benchRedis(process.env);
    try {
      const facts = await runFacts('rooms', args, redis.url, options.note);
      const prefix = `bench-${process.pid}`;
      const scene = { url: redis.url, prefix, stop };
      const memory = await memoryOf(options, scene);
      const rounds = await ticksOf(options, scene);
      const takeOvers = await takeOversOf(options, scene);
      const { seed, seconds, players, isSmoke } = options;
      const about = { ...facts, seed, seconds, players, tickMs: TICK_MS };
      const result = roomsResult({ memory, rounds, takeOvers, isSmoke }, about);
      await tell(result, roomsTables(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

interface Scene {
  readonly url: string;
  readonly prefix: string;
  readonly stop: AbortSignal;
}

async function memoryOf(
  { rooms: sizes, players }: RoomsOptions,
  { url, prefix, stop }: Scene,
): Promise<RoomMemory[]> {
  const measured: RoomMemory[] = [];
  for (const rooms of sizes) {
    stop.throwIfAborted();
    progress(`Memory of ${rooms} rooms`);
    const withPlayers = rooms <= MOST_ROOMS_WITH_PLAYERS ? players : 0;
    measured.push(await measureMemory({ url, prefix: `${prefix}-m${rooms}`, rooms, players: withPlayers }));
  }
  return measured;
}

function ticksOf(
  { rooms, seconds, rounds, seed, isSmoke, profile }: RoomsOptions,
  { url, prefix, stop }: Scene,
) {
  stop.throwIfAborted();
  progress('Ticks');
  return climbLadder({
    url,
    prefix: `${prefix}-t`,
    sizes: rooms,
    seconds,
    rounds,
    random: seeded(seed),
    nodeArgs: profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`],
    isSmoke,
    aborted: aborted(stop),
    measured: (round, reading) => progress(`${String(round + 1).padStart(3)}${rungLine(reading)}`),
  });
}

async function takeOversOf(
  { rooms: sizes, kills, seed }: RoomsOptions,
  { url, prefix, stop }: Scene,
): Promise<TakeOverSize[]> {
  const measured: TakeOverSize[] = [];
  for (const rooms of sizes) {
    stop.throwIfAborted();
    progress(`Take-over of ${rooms} rooms`);
    const reports = await measureTakeOvers({
      url,
      prefix: `${prefix}-k${rooms}`,
      rooms,
      kills,
      random: seeded(seed),
      aborted: aborted(stop),
      measured: (report) => progress(takeOverLine(report)),
    });
    measured.push(takeOverSize(rooms, reports));
  }
  return measured;
}
