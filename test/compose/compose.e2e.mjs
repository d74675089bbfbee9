// docker-compose.yml as a user would run it: from an image that is built here to what players hear while containers die.
//
//   usage: npm run test:compose       exit 0 good, 1 something is broken
//
// Its demos have one question each: the second is extended half-way, and while the host is away, that can come too late.
// Needs Docker with Compose. Where there is none it is skipped, and says why; with CI=true that is a failure.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openRawConnection } from './raw.connection.mjs';
import { docker, dockerProblem, eventually, ROOT, Stack } from './stack.mjs';

const GATEWAYS = 3;
/** Within a minute of the images being built. */
const HEALTHY_WITHIN_MS = 60_000;
/** `hash-balance-factor`: no gateway has more than so many times the average. */
const MOST_LOADED = 1.5;

const problem = dockerProblem();
if (problem !== undefined && process.env.CI === 'true')
  throw new Error(`The compose test cannot run: ${problem}.`);

/** Nobody missed anything and nothing came twice, whatever happened meanwhile. */
function assertKept(report, drops) {
  const { ok, error, missed, doubled, overdue, early, findings } = report;
  assert.deepEqual(
    { ok, error, missed, doubled, overdue, early, findings },
    { ok: true, error: undefined, missed: 0, doubled: 0, overdue: 0, early: 0, findings: [] },
    `A promise was broken, says the demo:\n${JSON.stringify(report, null, 2)}`,
  );
  // Otherwise the fault has hit nobody, and the test has shown nothing.
  if (drops) assert.ok(report.drops > 0, 'no connection was lost');
}

const randomPin = () => String(Math.floor(Math.random() * 1e6)).padStart(6, '0');
const sumOf = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

describe('docker compose', { skip: problem ?? false }, () => {
  /** @type {Stack} */
  let stack;

  before(async () => {
    stack = Stack.make('test');
    const builtAt = performance.now();
    await stack.compose('build');
    const startedAt = performance.now();
    await stack.up('--scale', `gateway=${GATEWAYS}`);
    stack.healthyAfterMs = performance.now() - startedAt;
    console.log(
      `built in ${Math.round(startedAt - builtAt)} ms, healthy ${Math.round(stack.healthyAfterMs)} ms later`,
    );
  });

  after(async () => {
    await stack?.remove();
  });

  it('is healthy within a minute of the image being built, from a fresh clone without an .env', () => {
    assert.ok(stack.healthyAfterMs < HEALTHY_WITHIN_MS, `${stack.healthyAfterMs} ms`);
  });

  it('publishes the port of the load balancer and no other', async () => {
    for (const { Name, HostConfig, Config } of await stack.inspectAll()) {
      const published = Object.values(HostConfig.PortBindings ?? {}).flat().length;
      const isBalancer = Config.Labels['com.docker.compose.service'] === 'haproxy';
      assert.equal(published, isBalancer ? 1 : 0, Name);
    }
    assert.equal((await fetch(`${stack.url}/metrics`)).status, 404);
  });

  it('serves the pages through the load balancer, whichever gateway is asked for which part', async () => {
    const response = await fetch(stack.url);
    assert.match(response.headers.get('content-security-policy'), /script-src 'self'/);
    const parts = [...(await response.text()).matchAll(/\/assets\/[\w.-]+/g)].map(([part]) => part);
    assert.ok(parts.length > 1, 'no parts');
    const asked = Array.from({ length: 2 * GATEWAYS }, () => parts).flat();
    const missing = await Promise.all(
      asked.map(async (part) => {
        const answer = await fetch(stack.url + part);
        await answer.arrayBuffer();
        return answer.ok ? [] : [part];
      }),
    );
    assert.deepEqual(missing.flat(), []);
  });

  it('runs every container without root, without capabilities and on a read-only file system', async () => {
    for (const { Id, Name, HostConfig } of await stack.inspectAll()) {
      assert.equal(HostConfig.ReadonlyRootfs, true, Name);
      assert.deepEqual(HostConfig.CapDrop, ['ALL'], Name);
      const script = 'id -u; touch /probe 2>/dev/null && echo written || echo refused';
      const [uid, write] = (await docker('exec', Id, 'sh', '-c', script)).trim().split('\n');
      assert.notEqual(uid, '0', Name);
      assert.equal(write, 'refused', Name);
    }
  });

  it('has an image without sources, development packages and tools for tests', async () => {
    const script = 'cd /app && find . -type f';
    const listing = await docker('run', '--rm', '--entrypoint', 'sh', stack.image, '-c', script);
    const files = listing.trim().split('\n');
    const unwanted =
      /\.[mc]?tsx?$|\.spec\.[mc]?js$|\/node_modules\/(jest|typescript|@swc|@biomejs|testcontainers)\/|^\.\/(libs|apps|test|docs)\//;
    assert.deepEqual(
      files.filter((file) => unwanted.test(file)),
      [],
    );
    const [{ Size }] = JSON.parse(await docker('image', 'inspect', stack.image));
    console.log(
      `the image has ${Math.round(Size / 1e6)} MB, ${files.length} files of Quizbell and its packages`,
    );
  });

  it('says loudly in every log that this is development mode', async () => {
    for (const service of ['gateway', 'scheduler']) {
      assert.match(await stack.compose('logs', service), /!! WARNING: Quizbell runs in development mode\./);
    }
  });

  it('refuses to start in production without secrets, and with those of development', async () => {
    const asProduction = (service) =>
      stack.tryCompose('run', '--rm', '--no-deps', '-T', '-e', 'NODE_ENV=production', service);
    const [gateway, redis] = await Promise.all(['gateway', 'redis'].map(asProduction));
    assert.equal(gateway.code, 2, gateway.output);
    assert.match(gateway.output, /QUIZBELL_SECRET/);
    assert.match(gateway.output, /QUIZBELL_API_KEYS/);
    assert.equal(redis.code, 2, redis.output);
    assert.match(redis.output, /REDIS_PASSWORD/);
  });

  it('refuses the secrets of development where an .env sets only some others', async () => {
    const withEnv = (service, said) =>
      stack.tryCompose('run', '--rm', '--no-deps', '-T', '-e', said, service);
    for (const said of ['QUIZBELL_API_KEYS=a-key-of-somebody', 'REDIS_PASSWORD=a-password-of-somebody']) {
      const gateway = await withEnv('gateway', said);
      assert.equal(gateway.code, 2, gateway.output);
      assert.match(gateway.output, /NODE_ENV is not set, unlike /);
      assert.match(gateway.output, /QUIZBELL_SECRET: one of them/);
    }
    const redis = await withEnv('redis', 'MODE_BY_KEYS=production');
    assert.equal(redis.code, 2, redis.output);
  });

  it('takes an .env with a secret for one of production', async () => {
    const env = { ...stack.env, QUIZBELL_SECRET: 'x' };
    const options = ['compose', ...stack.options, 'config', '--format', 'json'];
    const config = JSON.parse(execFileSync('docker', options, { cwd: ROOT, env, encoding: 'utf8' }));
    for (const service of ['redis', 'gateway', 'scheduler']) {
      assert.equal(config.services[service].environment.NODE_ENV, 'production', service);
    }
    // Killed during its drain, a gateway would drop its members.
    const slow = { ...stack.env, QUIZBELL_DRAIN_MS: '60000' };
    const slowConfig = JSON.parse(
      execFileSync('docker', options, { cwd: ROOT, env: slow, encoding: 'utf8' }),
    );
    assert.equal(slowConfig.services.gateway.stop_grace_period, '1m10s');
  });

  it('counts a client by its own address, whatever it says of itself', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7', forwarded: 'for=203.0.113.8' };
    await fetch(`${stack.url}/v1/rooms/none`, { headers });
    const [redis] = await stack.containersOf('redis');
    const keys = (
      await docker('exec', redis, 'redis-cli', '--scan', '--pattern', 'quizbell:limit:rest:*')
    ).trim();
    const balancer = (await stack.inspectAll()).find(({ Name }) => Name.includes('haproxy'));
    const addresses = Object.values(balancer.NetworkSettings.Networks).map(({ IPAddress }) => IPAddress);
    const counted = keys.split('\n').map((key) => key.replace('quizbell:limit:rest:', ''));
    assert.ok(counted.length > 0 && counted[0] !== '', 'nobody was counted');
    for (const address of counted) {
      assert.doesNotMatch(address, /^203\.0\.113\./);
      assert.ok(!addresses.includes(address), 'the load balancer was counted, not the client');
    }
  });

  it('lets the members of a room meet on few gateways, and spreads a huge room over all', async () => {
    const gateways = await stack.containersOf('gateway');
    const sockets = [];
    const connect = async (count, pin) => {
      const before = await stack.connections(gateways);
      sockets.push(
        ...(await Promise.all(Array.from({ length: count }, () => openRawConnection(stack.url, pin)))),
      );
      const now = await stack.connections(gateways);
      return now.map((connections, i) => connections - before[i]);
    };
    try {
      const anybody = await connect(45, undefined);
      assert.ok(
        anybody.every((count) => count >= 5),
        `without a PIN: ${anybody}`,
      );
      const rooms = [];
      for (let room = 0; room < 8; room += 1) rooms.push(await connect(6, randomPin()));
      const homes = sumOf(rooms.map((counts) => counts.filter((count) => count > 0).length));
      console.log(
        `8 rooms of 6 are on ${homes / 8} gateways each: ${rooms.map((counts) => counts.join('/')).join(' ')}`,
      );
      // Taken in turn each room would be on three. At home but for those that had to make way it is on one.
      assert.ok(homes <= 8 * 2, `8 rooms are on ${homes} gateways in all`);
      const home = await connect(300, randomPin());
      const total = await stack.connections(gateways);
      console.log(`a room of 300: ${home.join('/')}, all connections: ${total.join('/')}`);
      assert.ok(home.filter((count) => count > 0).length >= 2, `a room of 300: ${home}`);
      assert.ok(Math.max(...total) <= (MOST_LOADED * sumOf(total)) / GATEWAYS + 2, `connections: ${total}`);
    } finally {
      for (const socket of sockets) socket.close();
    }
  });

  it('loses nothing when a gateway and a scheduler are killed during a quiz', async () => {
    const demo = stack.demo('--questions', '1', '--seconds', '20');
    await demo.untilOpen(1);
    const gateways = await stack.containersOf('gateway');
    const busy = await stack.connections(gateways);
    const victims = [gateways[busy.indexOf(Math.max(...busy))], (await stack.containersOf('scheduler'))[0]];
    await Promise.all(victims.map((id) => stack.crash(id)));
    assertKept(await demo.report, true);
    for (const id of victims) {
      await eventually(
        'the killed one runs again',
        async () => (await stack.isHealthy(id)) && (await stack.restartsOf(id)) > 0,
      );
    }
  });

  it('closes every question exactly once after Redis and the load balancer were killed', async () => {
    const demo = stack.demo('--questions', '1', '--seconds', '10');
    const victims = [await stack.containersOf('redis'), await stack.containersOf('haproxy')].flat();
    await demo.untilOpen(1);
    for (const id of victims) {
      await docker('kill', id);
      await docker('start', id);
    }
    assertKept(await demo.report, true);
    for (const id of victims) await eventually('the killed one is healthy', () => stack.isHealthy(id));
  });

  it('follows when gateways and schedulers are added and taken away during a quiz', async () => {
    const demo = stack.demo('--questions', '1', '--seconds', '20');
    await demo.untilOpen(1);
    const scale = (gateways, schedulers) =>
      stack.compose(
        'up',
        '-d',
        '--no-recreate',
        '--wait',
        '--scale',
        `gateway=${gateways}`,
        '--scale',
        `scheduler=${schedulers}`,
      );
    const old = await stack.containersOf('gateway');
    await scale(4, 3);
    const [added] = (await stack.containersOf('gateway')).filter((id) => !old.includes(id));
    const sockets = [];
    await eventually('the new gateway gets connections', async () => {
      sockets.push(await openRawConnection(stack.url, undefined));
      return (await stack.connections([added]))[0] > 0;
    });
    for (const socket of sockets) socket.close();
    await scale(2, 1);
    assertKept(await demo.report, false);
  });

  it('is updated while rooms are live, and loses nothing', async () => {
    const before = [await stack.containersOf('gateway'), await stack.containersOf('scheduler')].flat();
    // They close while gateways go, while schedulers go, and afterwards.
    const demos = ['10', '24', '40'].map((seconds) =>
      stack.demo('--questions', '1', '--players', '25', '--seconds', seconds),
    );
    await Promise.all(demos.map((demo) => demo.untilOpen(1)));
    await execUpdate(stack);
    const reports = await Promise.all(demos.map((demo) => demo.report));
    for (const report of reports) assertKept(report, false);
    assertKept(reports.at(-1), true);
    const now = [await stack.containersOf('gateway'), await stack.containersOf('scheduler')].flat();
    assert.equal(now.length, before.length);
    assert.ok(
      now.every((id) => !before.includes(id)),
      'one was not replaced',
    );
  });

  it('serves https and wss with the example of TLS', async () => {
    const certificates = mkdtempSync(path.join(tmpdir(), 'quizbell-tls-'));
    chmodSync(certificates, 0o755); // HAProxy's user is another one
    try {
      execFileSync('sh', ['deploy/tls/make-certificate.sh', 'localhost', certificates], { cwd: ROOT });
      stack.env.QUIZBELL_TLS_CERTIFICATES = certificates;
      stack.files.push('deploy/tls/docker-compose.tls.yml');
      await stack.compose('up', '-d', '--no-deps', '--wait', 'haproxy');
      const plain = await fetch(`${stack.url}/health/ready?x=1`, { redirect: 'manual' });
      assert.equal(plain.status, 308);
      assert.match(plain.headers.get('location'), /^https:\/\/127\.0\.0\.1:\d+\/health\/ready\?x=1$/);
      visitTrusting(stack.tlsUrl, path.join(certificates, 'quizbell.pem'));
    } finally {
      rmSync(certificates, { recursive: true, force: true });
    }
  });
});

function execUpdate({ options, env }) {
  return new Promise((resolve, reject) => {
    const child = spawn('deploy/rolling-update.sh', ['--json', ...options], { cwd: ROOT, env });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`rolling-update.sh: ${code}\n${said}`)),
    );
  });
}

/** In a process of its own that trusts this certificate besides: over https and over wss. @throws Error when one fails */
function visitTrusting(url, certificate) {
  const script = `import { openRawConnection } from './test/compose/raw.connection.mjs';
    const url = process.argv[1];
    (await openRawConnection(url, '123456')).close();
    const { status } = await fetch(url + '/health/ready');
    if (status !== 200) throw new Error('status ' + status);`;
  execFileSync(process.execPath, ['--input-type=module', '-e', script, url], {
    cwd: ROOT,
    env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate },
    stdio: 'inherit',
  });
}
