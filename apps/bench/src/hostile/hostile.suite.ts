import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { roomJoinAckSchema } from '#libs/protocol';
import { type BenchCluster, type BenchGateway, startCluster } from '../cluster/bench.cluster.js';
import { growthBy } from '../cluster/prometheus.text.js';
import { RoomHost } from '../cluster/room.host.js';
import { rounded } from '../percentiles.js';
import { Crowd } from '../players/crowd.js';
import { RawPlayer } from '../players/raw.player.js';
import { BenchWorker } from '../process/bench.worker.js';
import { benchRedis } from '../process/private.redis.js';
import { randomSeed } from '../seeded.random.js';
import { runFacts, tell } from '../suite.output.js';
import { aborted, EXIT, progress, type Suite } from '../suite.types.js';
import { ATTACK_WITHIN_MS, AttackRun } from './attack.run.js';
import type { AttackerOrders } from './attacker.orders.js';
import { GatewayMemory, MEMORY_PROBE_ENV } from './gateway.memory.js';
import { type HostileOptions, parseHostileOptions, planAttacks } from './hostile.options.js';
import { GOAL_P99_MS, type HostileResult, hostileResult, hostileTable } from './hostile.report.js';
import { checkTicks, type TickPart } from './tick.checks.js';

const MEMBERS = 50;
const TICK_MS = 200;
const QUESTION_MS = 600_000;
/** Ticks are listened to for so long before the attack. */
const QUIET_MS = 5_000;
/** So long after the attack the memory is looked at. */
const AFTERWARDS_MS = 5_000;
/** In a smoke run an attack is short: ticks are listened to for so long, of which a machine may stand still for a second. */
const SMOKE_LISTENED_MS = 4_000;
/** A tick that was due just now may still be on its way. */
const ON_ITS_WAY_MS = 1_000;
const CRASH_KNOWN_MS = 2_000;

const ATTACKERS = fileURLToPath(new URL('./attacker.process.main.js', import.meta.url));

const HELP = `Usage: npm run bench -- hostile [options]

A gateway with a live room (${MEMBERS} members, a tick each ${TICK_MS} ms) is sent hostile frames: broken and oversized
packets, deep JSON, prototype pollution, attachments, wrong namespaces, and floods. Does it crash, does it keep memory,
does it cut anybody who behaves, and how exactly do the ticks of the live room come? Goal: p99 below ${GOAL_P99_MS} ms. Limits of
connections and joins by address are off, or the attack would not get far; those of a connection are the defaults.

  --frames 100000          so many frames; what cannot be sent within ${ATTACK_WITHIN_MS / 1_000} s is not
  --connections 200        from so many connections
  --seed N                 the same storm again
  --smoke                  5,000 frames from 50 connections; times are not judged
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --note TEXT              stands in that document: what else was going on
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://); without one a private redis-server is started and, at the end, removed.

Exit codes: 0 nine of ten frames at the least were sent in time, and it did not crash, did not keep memory, nobody who
behaved was cut, no tick came twice (whatever the times), 1 not so, 2 could not run.`;

/** `npm run bench -- hostile`. */
export const hostileSuite: Suite = {
  summary: 'hostile frames at a gateway that holds a live room',
  help: HELP,
  async run(args, stop) {
    const options = parseHostileOptions(args, randomSeed());
    const redis = await benchRedis(process.env);
    try {
      const facts = await runFacts('hostile', args, redis.url, options.note);
      const cluster = await startCluster({
        redisUrl: redis.url,
        prefix: `bench-${process.pid}`,
        gateways: 1,
        gatewayEnv: MEMORY_PROBE_ENV,
      });
      const [gateway] = cluster.gateways;
      if (gateway === undefined) throw new RangeError('too few gateways');
      const crowd = new Crowd([gateway.url], MEMBERS);
      const attackers = new BenchWorker<AttackerOrders>('attackers', ATTACKERS);
      const memory = new GatewayMemory(gateway);
      let measured: Measured;
      try {
        const scene = { cluster, gateway, crowd, attackers, memory };
        measured = await Promise.race([
          orCrash(measure(scene, options), cluster),
          crashed(cluster),
          aborted(stop),
        ]);
      } finally {
        memory.stop();
        await Promise.all([crowd.stop(), attackers.stop()]);
        await cluster.stop();
      }
      if ('crash' in measured) {
        console.error(`BROKEN: ${measured.crash}\nSeed ${options.seed}.`);
        return EXIT.broken;
      }
      const { seed, connections, isSmoke } = options;
      const about = { ...facts, seed, connections, members: MEMBERS, tickMs: TICK_MS };
      const result = hostileResult({ ...about, ...measured }, isSmoke);
      await tell(result, hostileTable(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

type Findings = Pick<
  HostileResult,
  'attack' | 'refusals' | 'limits' | 'memory' | 'ticks' | 'membersLeft' | 'servesAfterwards'
>;
type Measured = Findings | { readonly crash: string };

interface Scene {
  readonly cluster: BenchCluster;
  readonly gateway: BenchGateway;
  readonly crowd: Crowd;
  readonly attackers: BenchWorker<AttackerOrders>;
  readonly memory: GatewayMemory;
}

/** A process that ends is what is looked for here, not a reason not to measure. */
const crashed = ({ died }: BenchCluster): Promise<Measured> =>
  died.catch((failure: Error) => ({ crash: failure.message }));

/** Whoever talks to a gateway that crashes fails too, and often before its end is known. */
async function orCrash(work: Promise<Measured>, cluster: BenchCluster): Promise<Measured> {
  try {
    return await work;
  } catch (failure) {
    const crash = await Promise.race([crashed(cluster), sleep(CRASH_KNOWN_MS, null, { ref: false })]);
    if (crash === null) throw failure;
    return crash;
  }
}

async function measure(scene: Scene, options: HostileOptions): Promise<Findings> {
  const { cluster, gateway, crowd, memory } = scene;
  const host = await RoomHost.createRoom(gateway.url, cluster.apiKey);
  await crowd.join(host.pin);
  const { endsAt } = await host.start({
    questionId: 'live',
    durationMs: QUESTION_MS,
    leadInMs: 0,
    tickMs: TICK_MS,
  });
  let membersLeft = 0;
  /** Listens to the ticks while something goes on. */
  const listened = async (work: () => Promise<void>): Promise<TickPart> => {
    await crowd.sync();
    await crowd.noteTicks();
    const fromAt = (await host.snapshot()).serverNow;
    await work();
    const untilAt = (await host.snapshot()).serverNow;
    await sleep(ON_ITS_WAY_MS);
    const { ticks, connected } = await crowd.takeTicks();
    membersLeft = connected;
    return { ticks, window: { fromAt, untilAt, endsAt, tickMs: TICK_MS, members: MEMBERS } };
  };

  const quiet = await listened(() => sleep(QUIET_MS));
  const heapBefore = await memory.inUse();
  const rssBefore = await memory.rss();
  const before = await gateway.metrics();
  const plan = planAttacks(options);
  const attack = new AttackRun(scene, options.frames);
  const attacked = async (attacks: typeof plan.storms) => {
    await Promise.all([attack.run(attacks), sleep(options.isSmoke ? SMOKE_LISTENED_MS : 0)]);
  };
  const storms = await listened(() => attacked(plan.storms));
  const floods = await listened(() => attacked(plan.floods));
  await sleep(AFTERWARDS_MS);
  const after = await gateway.metrics();
  const rssAfter = await memory.rss();
  // That a gateway does not tell any more is a result.
  const heapAfter = await memory.inUse().catch(() => Number.NaN);
  const { ok, ...refusals } = growthBy(before, after, 'quizbell_commands_total', 'result');
  return {
    attack: attack.totals,
    refusals,
    limits: growthBy(before, after, 'quizbell_limit_refusals_total', 'limit'),
    memory: {
      heapBefore: rounded(heapBefore),
      heapAfter: rounded(heapAfter),
      rssBefore: rounded(rssBefore),
      rssHighest: rounded(memory.highestRss),
      rssAfter: rounded(rssAfter),
    },
    ticks: {
      quiet: checkTicks([quiet]),
      storms: checkTicks([storms]),
      floods: checkTicks([floods]),
      attacked: checkTicks([storms, floods]),
    },
    membersLeft,
    servesAfterwards: await servesOn(scene, host),
  };
}

async function servesOn({ gateway, cluster }: Scene, host: RoomHost): Promise<boolean> {
  try {
    await host.stop();
    const other = await RoomHost.createRoom(gateway.url, cluster.apiKey);
    const late = await RawPlayer.connect(gateway.url);
    // By a token: so many wrong PINs came from this address that no PIN of its own is taken for a while.
    const { ack } = await late.call('room:join', { token: other.hostToken });
    late.close();
    const joined = roomJoinAckSchema.parse(ack);
    if (!joined.ok) progress(`  A join was refused: ${joined.error.code}, ${joined.error.message}`);
    return joined.ok;
  } catch (failure) {
    progress(`  ${failure instanceof Error ? failure.message : String(failure)}`);
    return false;
  }
}
