import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  eventually,
  type GuardedChild,
  REPOSITORY_ROOT,
  spawnGuarded,
  startStandalone,
  stopAllProcesses,
  type TestServerProcess,
  uniquePrefix,
} from '#libs/testing';
import { blocksOf, promised, withReplaced } from '../docs/support/document.blocks.js';

// The client as those get it who install it: packed, unpacked beside its one dependency, and used by a stranger's project.

const ADDRESS = 'http://localhost:3000';
const README = 'libs/client/README.md';
const MODULES = join(REPOSITORY_ROOT, 'node_modules');
/** What the project has besides the client: its dependency, its peer, and the peer's types. */
const NEIGHBOURS = ['socket.io-client', 'react', 'react-dom', '@types/react', 'csstype'];

let project: string;
const children: GuardedChild[] = [];

/** Every Node that is here: the one of this test, and the machine's own, if that is another. */
const nodes = [
  process.execPath,
  ...(process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'))
    .filter((file) => existsSync(file)),
].slice(0, 2);

async function start(command: string, ...args: string[]): Promise<GuardedChild> {
  const { PATH, HOME } = process.env;
  const child = await spawnGuarded(command, args, { cwd: project, env: { PATH, HOME } });
  children.push(child);
  return child;
}

/** Runs a program to its end and gives its output. @throws Error when it failed */
async function run(command: string, ...args: string[]): Promise<string> {
  const child = await start(command, ...args);
  const { code, signal } = await child.exited;
  if (code !== 0)
    throw new Error(`${command} ${args.join(' ')}: ${code ?? signal}\n${child.lines.join('\n')}`);
  return child.stdout.join('\n');
}

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'quizbell-client-'));
  const built = join(project, 'built');
  await run(process.execPath, join(REPOSITORY_ROOT, 'scripts/build-client.mjs'), '--out', built);
  await run('npm', 'pack', built, '--offline', '--silent', '--pack-destination', project);
  const [packed] = (await readdir(project)).filter((name) => name.endsWith('.tgz'));
  await run('tar', '-xzf', packed as string);
  await mkdir(join(project, 'node_modules/@quizbell'), { recursive: true });
  await cp(join(project, 'package'), join(project, 'node_modules/@quizbell/client'), { recursive: true });
  for (const name of NEIGHBOURS) {
    const link = join(project, 'node_modules', name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(MODULES, name), link);
  }
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'a-quiz', type: 'module' }));
});

afterAll(async () => {
  await Promise.all(children.map((child) => (child.hasExited ? undefined : child.kill())));
  await stopAllProcesses();
  await rm(project, { recursive: true });
});

const write = (name: string, text: string): Promise<void> => writeFile(join(project, name), text);

describe('the package', () => {
  it('has what a reader needs, and no path of the machine that built it', async () => {
    const folder = join(project, 'node_modules/@quizbell/client');
    const files = (await readdir(folder, { recursive: true })).sort();
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'dist/index.js', 'types/index.d.ts']),
    );
    expect(files.filter((name) => /\.(spec|tsx?)$/.test(name.replace(/\.d\.c?ts$/, '')))).toEqual([]);
    for (const name of files.filter((file) => /\.\w+$/.test(file))) {
      expect(await readFile(join(folder, name), 'utf8')).not.toContain(REPOSITORY_ROOT);
    }
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const root = JSON.parse(await readFile(join(REPOSITORY_ROOT, 'package.json'), 'utf8'));
    expect(manifest.version).toBe(root.version);
    expect(Object.keys(manifest.dependencies)).toEqual(['socket.io-client']);
  });

  it.each(nodes)('is imported as an ES module and as CommonJS by %s', async (node) => {
    const told = `const names = (module) => Object.keys(module).filter((name) => name !== '__esModule').sort();
      console.log(JSON.stringify([names(client), names(hooks), typeof client.openRoom, new client.QuizbellError(
        { code: 'conflict', message: 'm', retryable: true }) instanceof Error]));`;
    await write(
      'a.mjs',
      `import * as client from '@quizbell/client'; import * as hooks from '@quizbell/client/react'; ${told}`,
    );
    await write(
      'b.cjs',
      `const client = require('@quizbell/client'); const hooks = require('@quizbell/client/react'); ${told}`,
    );
    const [asModule, asCommon] = [await run(node, 'a.mjs'), await run(node, 'b.cjs')];
    expect(asCommon).toBe(asModule);
    const [client, hooks, ...facts] = JSON.parse(asModule);
    expect(client).toEqual(
      expect.arrayContaining(['QuizbellError', 'joinRoom', 'memoryStorage', 'webStorage']),
    );
    expect(hooks).toEqual(['useAnswer', 'useCountdown', 'useCountdownFrame', 'useRoom', 'useRoomEvent']);
    expect(facts).toEqual(['function', true]);
  });

  it.each(['.js', '.cjs'])('has each class once in %s: the hooks use those of the client', async (ending) => {
    const folder = join(project, 'node_modules/@quizbell/client/dist');
    const files = (await readdir(folder)).filter((name) => name.endsWith(ending));
    const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
    expect(texts.join('').match(/QuizbellError = class/g)).toHaveLength(1);
  });
});

describe('its types', () => {
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
    jsx: 'react-jsx',
    target: 'es2022',
    lib: ['es2022'],
    types: [],
  };
  const nodenext = { module: 'nodenext', moduleResolution: 'nodenext' };
  // Where CommonJS may not require an ES module, and so not its types.
  const node16 = { module: 'node16', moduleResolution: 'node16' };
  const bundler = { module: 'esnext', moduleResolution: 'bundler' };

  /** What the compiler says of files of the project. */
  async function problemsOf(files: string[], options: object): Promise<string[]> {
    const config = `tsconfig.${files[0]}.json`;
    await write(config, JSON.stringify({ compilerOptions: { ...strict, ...options }, files }));
    const child = await start(process.execPath, join(MODULES, '.bin/tsc'), '-p', config);
    await child.exited;
    return [...child.lines];
  }

  const USE = `
    import { joinRoom, openRoom, memoryStorage, webStorage, QuizbellError } from '@quizbell/client';
    import type { ErrorCode, Phase, Room, RoomOptions, RoomState, Snapshot, TokenStorage, Verdict } from '@quizbell/client';
    import { useAnswer, useCountdown, useRoom, useRoomEvent } from '@quizbell/client/react';

    const tokens: TokenStorage = memoryStorage();
    const options: RoomOptions = { url: ['https://a', 'https://b'], pin: '123456', name: 'Ada', storage: tokens };
    export async function play(): Promise<Verdict> {
      const room: Room = await joinRoom(options);
      room.on('question:closed', ({ reason, closedAt }) => { const at: number = closedAt; const why: string = reason; void [at, why]; });
      room.on('member:removed', ({ reason }) => { const why: 'kicked' | 'banned' | 'replaced' = reason; void why; });
      const state: RoomState = room.state;
      const question: Snapshot | null = state.question;
      const phase: Phase | undefined = question?.phase;
      const instant: number = (question?.endsAt ?? 0) + 1_000;
      const next: Snapshot = await room.start({ questionId: 'q1', durationMs: 20_000, content: { phase, instant } });
      void [next.remainingMs, openRoom(options).countdown().seconds];
      const { verdict } = await room.answer({ any: ['json'] });
      return verdict;
    }
    export function why(error: unknown): ErrorCode | null {
      return error instanceof QuizbellError ? error.code : null;
    }
    export function useIt(pin: string | null) {
      const { room, state } = useRoom(pin === null ? null : { url: 'https://a', pin });
      const answer = useAnswer(room);
      useRoomEvent(room, 'room:presence', ({ players }) => { const n: number = players; void n; });
      return [state.connection, useCountdown(room, { every: 'frame' }).remainingMs, answer.result?.lateByMs];
    }
    // What is wrong is refused: these are types, not \`any\`.
    export async function misuse(room: Room) {
      // @ts-expect-error no such event
      room.on('question:begun', () => {});
      // @ts-expect-error the state is not to be changed
      room.state.connection = 'joined';
      // @ts-expect-error an answer needs a choice
      await room.answer();
      // @ts-expect-error a start needs a duration
      await room.start({ questionId: 'q1' });
      // @ts-expect-error null while idle
      const ends: number = room.state.question!.endsAt;
      // @ts-expect-error not an object of the browser
      webStorage(5);
      return ends;
    }
  `;

  it('hold in an ES module, in CommonJS and under a bundler, with no schema library, browser or Node around', async () => {
    await write('use.mts', USE);
    await write('use.cts', USE);
    await write('use.ts', USE);
    expect(await problemsOf(['use.mts'], nodenext)).toEqual([]);
    expect(await problemsOf(['use.cts'], node16)).toEqual([]);
    expect(await problemsOf(['use.ts'], bundler)).toEqual([]);
  });

  it('fit the examples of the README', async () => {
    const examples = blocksOf(README).filter(({ language }) => ['ts', 'tsx'].includes(language));
    expect(examples.length).toBeGreaterThan(2);
    const files = examples.map(({ language }, i) => `example-${i}.${language}`);
    await Promise.all(examples.map(({ text }, i) => write(files[i] as string, text)));
    expect(await problemsOf(files, { ...bundler, lib: ['es2022', 'dom'] })).toEqual([]);
  });
});

describe('a page', () => {
  it('bundles it, hooks and all, with nothing of Node left in it', async () => {
    const player = blocksOf(README).find(({ language }) => language === 'tsx');
    await write('page.tsx', player?.text ?? '');
    await write('page.html', '<script type="module" src="./page.tsx"></script>');
    await write(
      'bundle.mjs',
      `import { build } from ${JSON.stringify(join(MODULES, 'vite/dist/node/index.js'))};
       await build({ configFile: false, logLevel: 'error', build: { outDir: 'page', rolldownOptions: { input: 'page.html' } } });`,
    );
    await run(process.execPath, 'bundle.mjs');
    const assets = await readdir(join(project, 'page/assets'));
    const scripts = assets.filter((name) => name.endsWith('.js'));
    expect(scripts).toHaveLength(1);
    const text = await readFile(join(project, 'page/assets', scripts[0] as string), 'utf8');
    expect(text).not.toMatch(/\brequire\(|from\s*["'][^."']|["']node:/);
  });
});

describe('the README', () => {
  let server: TestServerProcess;
  beforeAll(async () => {
    server = await startStandalone({
      prefix: uniquePrefix('client-package'),
      env: { QUIZBELL_API_KEYS: undefined },
    });
  });

  it.each(nodes)('has a host and a player that play a question on %s', async (node) => {
    const [player, host] = blocksOf(README)
      .filter(({ language }) => language === 'js')
      .map(({ text }) => text);
    expect(player?.trim().split('\n')).toHaveLength(10);
    await write('host.mjs', withReplaced(host ?? '', { [ADDRESS]: server.url }));
    const hosting = await start(node, 'host.mjs');
    const [, pin = ''] = await hosting.waitForLine(/^join with (\d{6})$/);
    await write('player.mjs', withReplaced(player ?? '', { [ADDRESS]: server.url, '482913': pin }));
    const playing = await start(node, 'player.mjs');
    await eventually(() => playing.hasExited && hosting.hasExited, { timeoutMs: 60_000 });
    expect(await Promise.all([playing.exited, hosting.exited])).toMatchObject([{ code: 0 }, { code: 0 }]);
    expect(hosting.stderr).toEqual([]);
    expect(playing.stderr).toEqual([]);
    expect(hosting.stdout.at(-1)).toBe('expired 1');
    const [shown] = blocksOf(README).filter(({ language }) => language === 'text');
    const lines = shown?.text.trim().split('\n') ?? [];
    const printed = playing.stdout.map((line) => line.trimEnd());
    expect(printed).toContainEqual(expect.stringMatching(promised(lines[2] ?? '')));
    expect(printed.at(-1)).toBe(lines.at(-1));
    // On a busy machine it joins when the question is open, or a second is not seen. At the deadline it may show 0 for a moment.
    const others = printed.filter(
      (line) => line !== 'open 0' && !lines.some((one) => promised(one).test(line)),
    );
    expect(others).toEqual([]);
    const seconds = printed.filter((line) => line.startsWith('open ')).map((line) => Number(line.slice(5)));
    expect(seconds.length).toBeGreaterThan(1);
    expect(seconds).toEqual([...new Set(seconds)].sort((a, b) => b - a));
  });

  it('shows the same player as the README of the repository', () => {
    const [player] = blocksOf(README).filter(({ language }) => language === 'js');
    expect(blocksOf('README.md')).toContainEqual(player);
  });

  it('tells the sizes that the build allows', async () => {
    const script = await readFile(join(REPOSITORY_ROOT, 'scripts/build-client.mjs'), 'utf8');
    const [, budgets = ''] = /BUDGET_KB = \{(.*)\}/.exec(script) ?? [];
    const allowed = [...budgets.matchAll(/: (\d+)/g)].map(([, kB]) => `at most ${kB} kB`);
    const text = await readFile(join(REPOSITORY_ROOT, README), 'utf8');
    const size = text.slice(text.indexOf('## Size')).replaceAll('\n', ' ').replace('At most', 'at most');
    expect(allowed).toHaveLength(3);
    expect(size.match(/at most \d+ kB/g)).toEqual(allowed);
  });
});
