import { type BenchCluster, startCluster } from '../cluster/bench.cluster.js';
import { RoomHost } from '../cluster/room.host.js';
import { Crowd } from '../players/crowd.js';
import { benchRedis } from '../process/private.redis.js';
import { runFacts, tell } from '../suite.output.js';
import { aborted, EXIT, progress, type Suite } from '../suite.types.js';
import { type BurstOptions, parseBurstOptions } from './burst.options.js';
import { type BurstRound, burstResult, burstTable } from './burst.report.js';
import { CLOCK_TOLERANCE_MS, playRound, WINDOW_MS } from './burst.round.js';

const GATEWAYS = 2;

const HELP = `Usage: npm run bench -- burst [options]

A room of players who all answer one question within ${WINDOW_MS} ms, over ${GATEWAYS} gateways; the question closes
after nine tenths of that time. Is each verdict right by the clock, is every accepted answer in the outcome, and how
long does a verdict take? Each answer has an instant of its own, fixed ahead; its time counts from that instant, so
what waits in a queue is measured too. The gateways, the scheduler and the players are processes of their own. One
round is played first that is checked but not measured (not in a smoke run).

  --players 5000           so many players
  --rounds 3               so many measured rounds
  --smoke                  300 players, 1 round
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --note TEXT              stands in that document: what else was going on
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://); without one a private redis-server is started and, at the end, removed.

Exit codes: 0 no verdict lost or wrong and the outcomes complete (whatever the times), 1 not so, 2 could not run.`;

/** `npm run bench -- burst`. */
export const burstSuite: Suite = {
  summary: 'thousands of players who answer one question at the same time',
  help: HELP,
  async run(args, stop) {
    const options = parseBurstOptions(args);
    const redis = await benchRedis(process.env);
    try {
      const facts = await runFacts('burst', args, redis.url, options.note);
      const cluster = await startCluster({
        redisUrl: redis.url,
        prefix: `bench-${process.pid}`,
        gateways: GATEWAYS,
      });
      const crowd = new Crowd(
        cluster.gateways.map(({ url }) => url),
        options.players,
      );
      let rounds: PlayedRounds;
      try {
        rounds = await Promise.race([playRounds(cluster, crowd, options), cluster.died, aborted(stop)]);
      } finally {
        await crowd.stop();
        await cluster.stop();
      }
      const result = burstResult(rounds.measured, rounds.warmUp, {
        ...facts,
        players: options.players,
        gatewayProcesses: GATEWAYS,
        windowMs: WINDOW_MS,
        clockToleranceMs: CLOCK_TOLERANCE_MS,
      });
      await tell(result, burstTable(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

interface PlayedRounds {
  readonly warmUp: BurstRound | null;
  readonly measured: readonly BurstRound[];
}

async function playRounds(
  { gateways, apiKey }: BenchCluster,
  crowd: Crowd,
  { players, rounds, isSmoke }: BurstOptions,
): Promise<PlayedRounds> {
  const host = await RoomHost.createRoom(gateways[0]?.url ?? '', apiKey);
  progress(`${players} players join`);
  await crowd.join(host.pin);
  const play = async (questionId: string, title: string): Promise<BurstRound> => {
    const round = await playRound({ gateways, host, crowd, players }, questionId);
    progress(`  ${title}: ${round.report.verdicts} verdicts, p99 ${round.ack.p99} ms`);
    return round;
  };
  // What is compiled in the first round must not be measured; a smoke run measures nothing.
  const warmUp = isSmoke ? null : await play('warm-up', 'Warm-up');
  const measured: BurstRound[] = [];
  for (let i = 1; i <= rounds; i++) measured.push(await play(`q${i}`, `Round ${i} of ${rounds}`));
  return { warmUp, measured };
}
