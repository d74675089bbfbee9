import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  eventually,
  type LooseJson,
  REPOSITORY_ROOT,
  rest,
  startStandalone,
  stopAllProcesses,
  TestClient,
  type TestServerProcess,
  uniquePrefix,
} from '#libs/testing';
import { blocksOf, promised, withReplaced } from './support/document.blocks.js';
import { hasPrograms, PageProgram, ShellSession } from './support/shell.session.js';

// Pages tell people what to type. Here it is typed.

const ADDRESS = 'http://localhost:3000';
const KEY = 'key-of-the-quiz-app';
/** Debian's own Python, which finds Debian's packages whatever other one is on the PATH. */
const PYTHON = ['/usr/bin/python3', 'python3'].find((one) => one === 'python3' || existsSync(one)) as string;

let server: TestServerProcess;
let folder: string;
const programs: PageProgram[] = [];

beforeAll(async () => {
  server = await startStandalone({ prefix: uniquePrefix('pages'), env: { QUIZBELL_API_KEYS: KEY } });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quizbell-pages-'));
});
afterEach(async () => {
  await Promise.all(programs.splice(0).map((one) => one.end()));
  await rm(folder, { recursive: true });
});
afterAll(stopAllProcesses);

function started<Program extends PageProgram>(program: Program): Program {
  programs.push(program);
  return program;
}

async function newRoom(url = server.url): Promise<{ roomId: string; pin: string; hostToken: string }> {
  return (await rest(`${url}/v1/rooms`, { key: KEY, body: {} })).body;
}

/** A player who answers every question as soon as it is open. */
async function eagerPlayer(pin: string): Promise<TestClient> {
  const player = await TestClient.connect(server.url);
  expect(await player.call('room:join', { pin, name: 'Ada' })).toMatchObject({ ok: true });
  player.socket.on('question:started', ({ questionId }: LooseJson) => {
    player.send('answer:submit', { questionId, choice: 'b' });
  });
  return player;
}

describe('docs/walkthrough-rest.md', () => {
  const isReady = hasPrograms('bash', 'curl', 'jq');
  if (!isReady) console.warn('docs/walkthrough-rest.md is not tried: it takes bash, curl and jq.');

  (isReady ? it : it.skip)('prints what it promises, block by block', async () => {
    const blocks = blocksOf('docs/walkthrough-rest.md');
    const shell = started(new ShellSession(folder));
    let player: TestClient | undefined;
    let ran = 0;
    for (const [i, { language, text }] of blocks.entries()) {
      if (language !== 'sh') continue;
      const printed = await shell.run(text.replaceAll(ADDRESS, server.url));
      const expected = blocks[i + 1];
      if (expected?.language === 'text') expect(linesOf(printed)).toMatch(promised(expected.text));
      // The page leaves the players to another page.
      if (ran++ === 0) player = await eagerPlayer(JSON.parse(printed).pin);
    }
    player?.close();
    expect(ran).toBeGreaterThan(8);
    expect(blocks.filter(({ language }) => language === 'text')).toHaveLength(ran);
    expect(shell.stderr).toBe('');
  });
});

describe('docs/walkthrough-socket.md', () => {
  const isReady = spawnSync(PYTHON, ['-c', 'import socketio, websocket']).status === 0;
  if (!isReady) {
    console.warn('docs/walkthrough-socket.md is not tried: it takes python3-socketio and python3-websocket.');
  }

  /** Writes the page's program and runs it as the page says. */
  async function runPlayer(pin: string): Promise<PageProgram> {
    const blocks = blocksOf('docs/walkthrough-socket.md');
    const source = blocks.filter(({ language }) => language === 'python').map(({ text }) => text);
    await writeFile(join(folder, 'player.py'), source.join('\n\n'));
    const [command] = blocks.filter(({ language }) => language === 'sh');
    const typed = withReplaced(command?.text ?? '', { [ADDRESS]: server.url, '482913': pin });
    const [, ...args] = typed.trim().split(' ');
    expect(typed).toMatch(/^python3 /);
    return started(new PageProgram(PYTHON, args, folder));
  }

  (isReady ? it : it.skip)('joins, sees the countdown, answers, and sees the verdict', async () => {
    const { roomId, pin } = await newRoom();
    const program = await runPlayer(pin);
    await program.heard('joined');
    const question = { questionId: 'q1', durationMs: 3_000, content: { text: 'Capital of France?' } };
    await rest(`${server.url}/v1/rooms/${roomId}/question`, { key: KEY, body: question });
    expect(await program.exited).toBe(0);
    const [expected] = blocksOf('docs/walkthrough-socket.md').filter(({ language }) => language === 'text');
    // On a busy machine a tick may be skipped.
    const isTick = (line: string) => /^\d s$/.test(line);
    const [shown, printed] = [expected?.text ?? '', program.stdout].map((text) => linesOf(text).split('\n'));
    expect(printed?.filter((line) => !isTick(line))).toEqual(shown?.filter((line) => !isTick(line)));
    const ticks = printed?.filter(isTick) ?? [];
    expect(shown?.filter((line) => ticks.includes(line))).toEqual(ticks);
    expect(ticks).not.toEqual([]);
    expect(program.stderr).toBe('');
  });

  (isReady ? it : it.skip)('tells why it was not let in', async () => {
    const { pin } = await newRoom();
    const wrong = String((Number(pin) + 1) % 1_000_000).padStart(6, '0');
    const program = await runPlayer(wrong);
    expect(await program.exited).toBe(0);
    expect(program.stdout.trim()).toBe('refused: room_not_found');
  });
});

describe('README.md', () => {
  const blocks = () => blocksOf('README.md');

  (hasPrograms('bash', 'curl') ? it : it.skip)('creates a room with one command', async () => {
    const open = await startStandalone({ prefix: uniquePrefix('readme') });
    const block = blocks().find(({ text }) => text.startsWith('curl '))?.text ?? '';
    const shell = started(new ShellSession(folder));
    const printed = await shell.run(withReplaced(block, { [ADDRESS]: open.url, 'curl ': 'curl -s ' }));
    const [, shown = ''] = /^# (\{.*\})$/m.exec(block) ?? [];
    expect(Object.keys(JSON.parse(printed))).toEqual(Object.keys(JSON.parse(shown)));
    await open.stop();
  });

  it('plays a question with its example', async () => {
    const { roomId, pin, hostToken } = await newRoom();
    const example = blocks().find(({ text }) => text.includes("from 'socket.io-client'"));
    const source = withReplaced(example?.text ?? '', {
      [ADDRESS]: server.url,
      "'482913'": `'${pin}'`,
      'token: hostToken': `token: '${hostToken}'`,
      'durationMs: 20_000': 'durationMs: 5_000',
    });
    // Beside the packages, as the page says.
    const own = join(REPOSITORY_ROOT, '.cache');
    await mkdir(own, { recursive: true });
    const file = join(own, `readme-${process.pid}.mjs`);
    await writeFile(file, source);
    try {
      const program = started(new PageProgram(process.execPath, [file], REPOSITORY_ROOT));
      const printed = await program.heard('closed');
      expect(printed.trim()).toMatch(/^\d{1,4} ms to go\nclosed: expired$/);
    } finally {
      await rm(file);
    }
    const outcome = await eventually(async () => {
      const path = `/v1/rooms/${roomId}/questions/q1/outcome`;
      const { status, body } = await rest(`${server.url}${path}`, { key: KEY });
      return status === 200 && body;
    });
    expect(outcome.answers).toMatchObject([
      { name: 'Ada', choice: 'b', verdict: 'accepted', isCorrect: true },
    ]);
  });
});

/** Lines end as here, and without the blanks that HTTP headers and terminals leave. */
const linesOf = (text: string): string => text.replace(/[ \r]*\n/g, '\n').trim();
