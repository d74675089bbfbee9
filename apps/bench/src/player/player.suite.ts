import { type BenchCluster, startCluster } from '../cluster/bench.cluster.js';
import { RoomHost } from '../cluster/room.host.js';
import { benchRedis } from '../process/private.redis.js';
import { randomSeed, SEEDS } from '../seeded.random.js';
import { runFacts, tell } from '../suite.output.js';
import { aborted, CannotRun, EXIT, progress, type Suite } from '../suite.types.js';
import { COST_PROBE, collectGarbage } from './gateway.cost.js';
import { type PlayerOptions, parsePlayerOptions } from './player.options.js';
import { costsOf, GOAL_RATIO, PARTS, type PlayerRound, playerResult, playerTable } from './player.report.js';
import { playRound, type Station, TICK_MS } from './player.round.js';
import { SteadyCrowd } from './steady.crowd.js';

/** One for each part, one with nobody, and one for the hosts' commands, which are no player's. */
const GATEWAYS = PARTS.length + 2;
/** Three times each part for each gateway. */
const WARM_UP_ROUNDS = 3 * PARTS.length;
/** Many clocks are compared: a gateway that has been at work for hours has compiled whatever it does often. */
const WARM_UP = { questionMs: 4_000, syncEveryMs: 1_500 };
/** A round whose starts took too long is played again: a machine that stands still for a moment is no reason to give up. */
const START_TRIES = 5;

const HELP = `Usage: npm run bench -- player [options]

What one player costs a gateway for one question of 20 s in the steady state, without joining and answering: one who has
a tick each second, and one who has none and compares clocks as the SDK does. Three gateways have as many
players of both kinds, connected all the time and in rooms of their own. In each round one gateway has a question for
those with ticks, one has a question for those without, and one has none, which tells what the connections alone cost;
all at the same time, so whatever else the machine does makes all of them alike slower. The parts go round. Short rounds
are played first that are not measured (not in a smoke run). Goal: without ticks at most ${GOAL_RATIO} of what a question costs
with them.

  --players 2000           so many of each kind at each gateway
  --rooms 40               in so many rooms
  --rounds 9               so many measured rounds
  --sync-every 300         a clock:sync in so many seconds; the SDK's on a slow connection: 60
  --seed N                 the same instants of clock:sync again
  --profile DIR            CPU profiles of the gateways in DIR (it costs time)
  --smoke                  100 players in 2 rooms, 3 rounds, questions of 2.5 s; times mean nothing
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --note TEXT              stands in that document: what else was going on
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://); without one a private redis-server is started and, at the end, removed.

Exit codes: 0 everybody heard what they had to hear (whatever it cost), 1 not so, 2 could not run.`;

/** `npm run bench -- player`. */
export const playerSuite: Suite = {
  summary: 'what one player costs a gateway, with ticks and without',
  help: HELP,
  async run(args, stop) {
    const options = parsePlayerOptions(args, randomSeed());
    const { rooms, questionMs, syncEveryMs, seed, profile } = options;
    const redis = await benchRedis(process.env);
    try {
      const facts = await runFacts('player', args, redis.url, options.note);
      const cluster = await startCluster({
        redisUrl: redis.url,
        prefix: `bench-${process.pid}`,
        gateways: GATEWAYS,
        gatewayEnv: { NODE_OPTIONS: [COST_PROBE, ...profilerOptions(profile)].join(' ') },
      });
      const stations = stationsOf(cluster);
      let rounds: readonly PlayerRound[];
      try {
        rounds = await Promise.race([measure(cluster, stations, options), cluster.died, aborted(stop)]);
      } finally {
        await Promise.all(crowdsOf(stations).map((crowd) => crowd.stop()));
        await cluster.stop();
      }
      const result = playerResult(rounds, {
        ...facts,
        players: perRoom(options) * rooms,
        rooms,
        questionMs,
        tickMs: TICK_MS,
        syncEveryMs,
        seed,
      });
      await tell(result, playerTable(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

const profilerOptions = (folder: string | undefined): string[] =>
  folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`];

/** Players fill the rooms evenly. */
const perRoom = ({ players, rooms }: PlayerOptions): number => Math.max(1, Math.floor(players / rooms));

function stationsOf({ gateways }: BenchCluster): Station[] {
  return gateways.slice(0, PARTS.length).map((gateway, i) => ({
    gateway,
    crowds: {
      tickless: new SteadyCrowd(`tickless players ${i + 1}`, gateway, false),
      ticking: new SteadyCrowd(`ticking players ${i + 1}`, gateway, true),
    },
  }));
}

const crowdsOf = (stations: readonly Station[]): SteadyCrowd[] =>
  stations.flatMap(({ crowds }) => Object.values(crowds));

async function measure(
  { gateways, apiKey }: BenchCluster,
  stations: readonly Station[],
  options: PlayerOptions,
): Promise<PlayerRound[]> {
  const { rooms, rounds, questionMs, syncEveryMs, seed, isSmoke } = options;
  const [empty, hosts] = gateways.slice(PARTS.length);
  if (empty === undefined || hosts === undefined) throw new RangeError('too few gateways');
  const players = perRoom(options) * rooms;
  const crowds = crowdsOf(stations);
  progress(`${crowds.length} times ${players} players join`);
  for (const crowd of crowds) {
    const made: RoomHost[] = [];
    while (made.length < rooms) made.push(await RoomHost.createRoom(hosts.url, apiKey));
    await crowd.join(made, perRoom(options));
  }
  // Joining leaves much behind, and this is about those who stay.
  await Promise.all(gateways.map(collectGarbage));
  let played = 0;
  const play = async (question: typeof WARM_UP): Promise<PlayerRound> => {
    for (let tries = 0; tries < START_TRIES; tries++) {
      const round = played++;
      const seedOfRound = (seed + round) % SEEDS;
      const heard = await playRound({ empty, stations }, { ...question, round, seed: seedOfRound });
      if (heard !== null) return heard;
      progress('  The questions took too long to start: once more');
    }
    throw new CannotRun('The questions took too long to start: the machine is too busy to measure on.');
  };
  // What is compiled in the first rounds must not be measured; a smoke run measures nothing.
  for (let i = 0; i < WARM_UP_ROUNDS && !isSmoke; i++) await play(WARM_UP);
  const measured: PlayerRound[] = [];
  for (let i = 1; i <= rounds; i++) {
    const round = await play({ questionMs, syncEveryMs });
    const { process: all, main } = costsOf(round, { players, questionMs });
    progress(`  Round ${i} of ${rounds}: ratio ${all.ratio}, of the main thread ${main.ratio}`);
    measured.push(round);
  }
  return measured;
}
