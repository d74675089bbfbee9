import { fileURLToPath } from 'node:url';
import { startCluster } from '../cluster/bench.cluster.js';
import { RoomHost } from '../cluster/room.host.js';
import { shareOf } from '../players/answer.schedule.js';
import { BenchWorker } from '../process/bench.worker.js';
import { benchRedis } from '../process/private.redis.js';
import { runFacts, tell } from '../suite.output.js';
import { aborted, EXIT, progress, type Suite } from '../suite.types.js';
import { type AccuracyOptions, parseAccuracyOptions } from './accuracy.options.js';
import { accuracyResult, accuracyTable, GOAL_P99_MS } from './accuracy.report.js';
import type { LinkProfile } from './delay.line.js';
import type { DeviceOrders, DeviceReadings, Truth } from './device.orders.js';
import type { ProxyOrders } from './proxy.orders.js';

const LINK: LinkProfile = { delayMs: 100, spreadMs: 80, rareShare: 0.01, rareMs: 300 };

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** One process of devices for each: how wrong its time of day is, and by how much it is set on every other device. */
const CLOCKS = [
  { skewMs: 3 * DAY_MS, stepMs: -HOUR_MS },
  { skewMs: -2 * DAY_MS, stepMs: HOUR_MS },
] as const;

const DEVICES_PER_ROOM = 40;
/** Longer than any run: every device shows the same question all the time. */
const DURATION_MS = 300_000;
const TICK_MS = 1_000;
const EARLY_MS = 1_000;

const HELP = `Usage: npm run bench -- accuracy [options]

Devices join rooms through a proxy that holds what passes through it for 100 +- 80 ms each way, 1 % of it 300 ms more, in
order. Their time of day is days off, and on every other one it is set during the run. Each shows what is left of the same
question in several ways: by the SDK, by the last tick (as it is, and counted on), by the device's clock (wrong, and right),
and by the timesync library. The error is told 1 s and 30 s after joining, and for the SDK once it has 32 samples.

  --devices 400            so many, joining over 35 s
  --seed 1                 of the delays
  --smoke                  40 devices, read 10 s after joining instead of 30
  --json                   one JSON document on stdout, everything else on stderr
  --out FILE               writes that document to FILE too
  --note TEXT              stands in that document: what else was going on
  -h, --help               this text

Environment: REDIS_URL (redis:// or rediss://); without one a private redis-server is started and, at the end, removed.

Exit codes: 0 no SDK was further off than it said (the goal of ${GOAL_P99_MS} ms is told, not judged), 1 not so, 2 could not run.`;

interface Measured {
  readonly readings: readonly DeviceReadings[];
  readonly truth: Truth;
  readonly held: ProxyOrders['held']['reply'];
}

/** `npm run bench -- accuracy`. */
export const accuracySuite: Suite = {
  summary: 'how wrong a countdown is on bad connections and devices whose clock is wrong',
  help: HELP,
  async run(args, stop) {
    const options = parseAccuracyOptions(args);
    const redis = await benchRedis(process.env);
    try {
      const facts = await runFacts('accuracy', args, redis.url, options.note);
      const { readings, truth, held } = await measure(redis.url, options, stop);
      const { seed, lateMs, stepAfterMs } = options;
      const result = accuracyResult(readings, {
        ...facts,
        seed,
        readAfterMs: { early: EARLY_MS, late: lateMs },
        clocks: {
          skewsMs: CLOCKS.map(({ skewMs }) => skewMs),
          stepsMs: CLOCKS.map(({ stepMs }) => stepMs),
          stepAfterMs,
        },
        link: { ...LINK, held },
        truth,
      });
      await tell(result, accuracyTable(result), options);
      return result.isKept ? EXIT.good : EXIT.broken;
    } finally {
      await redis.stop();
    }
  },
};

async function measure(redisUrl: string, options: AccuracyOptions, stop: AbortSignal): Promise<Measured> {
  const cluster = await startCluster({ redisUrl, prefix: `bench-${process.pid}`, gateways: 1 });
  const proxy = new BenchWorker<ProxyOrders>('proxy', scriptOf('delay.proxy.main'));
  const processes = CLOCKS.map(
    (_, i) => new BenchWorker<DeviceOrders>(`devices ${i + 1}`, scriptOf('device.process.main')),
  );
  try {
    const directUrl = cluster.gateways[0]?.url ?? '';
    const measured = async (): Promise<Measured> => {
      const url = await through(proxy, directUrl, options.seed);
      const pins = await startRooms(directUrl, cluster.apiKey, Math.ceil(options.devices / DEVICES_PER_ROOM));
      progress(`  ${options.devices} devices join ${pins.length} rooms...`);
      const { joinOverMs, lateMs, stepAfterMs } = options;
      const common = { url, directUrl, redisUrl, pins, joinOverMs, lateMs, stepAfterMs };
      const runs = await Promise.all(
        processes.map((worker, i) => {
          const devices = shareOf(options.devices, processes.length, i);
          return worker.request('run', { ...common, ...(CLOCKS[i] ?? CLOCKS[0]), devices });
        }),
      );
      const worst = (of: keyof Truth) => Math.max(...runs.map(({ truth }) => truth[of]));
      return {
        readings: runs.flatMap(({ readings }) => readings),
        truth: {
          uncertaintyMs: worst('uncertaintyMs'),
          movedMs: worst('movedMs'),
          gatewayOffMs: worst('gatewayOffMs'),
        },
        held: await proxy.request('held', {}),
      };
    };
    return await Promise.race([measured(), cluster.died, aborted(stop)]);
  } finally {
    await Promise.all([proxy, ...processes].map((worker) => worker.stop()));
    await cluster.stop();
  }
}

const scriptOf = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

/** @returns the gateway's address through the proxy */
async function through(proxy: BenchWorker<ProxyOrders>, url: string, seed: number): Promise<string> {
  const { hostname, port: gatewayPort } = new URL(url);
  const order = { host: hostname, port: Number(gatewayPort), link: LINK, seed };
  const { port } = await proxy.request('start', order);
  return `http://127.0.0.1:${port}`;
}

/** Rooms with a question that is open for longer than the run. @returns their PINs */
async function startRooms(url: string, apiKey: string, count: number): Promise<string[]> {
  const pins: string[] = [];
  while (pins.length < count) {
    const host = await RoomHost.createRoom(url, apiKey);
    await host.start({ questionId: 'q', durationMs: DURATION_MS, leadInMs: 0, tickMs: TICK_MS });
    pins.push(host.pin);
  }
  return pins;
}
