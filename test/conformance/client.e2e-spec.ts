import { afterEach, describe, expect, it } from '@jest/globals';
import { openRoom, QuizbellError, type Room } from '#libs/client';
import { eventuallyPasses } from '#libs/testing';
import { parseFrame } from './support/frames.js';
import { PlaybackServer } from './support/playback.server.js';
import { readVector, vectorNames } from './support/vector.files.js';
import type { ClientStep, ServerStep, Vector } from './support/vector.types.js';

// The SDK against the recorded conversations: no server but one that repeats what a real one has said.

/** How far the shown time may be from the recorded one besides what the client took for its part: the machine may be busy. */
const TIME_TOLERANCE_MS = 500;

let server: PlaybackServer | undefined;
let room: Room | undefined;

afterEach(async () => {
  room?.disconnect();
  await server?.close();
});

/** What a command came to: its result, or the code that it was refused with. */
type Outcome = { readonly result: unknown } | { readonly code: string };

/** Makes the room do what the step says; each action is one method and what it is given. */
function perform(on: Room, { action }: ClientStep): Promise<Outcome> | undefined {
  const [method, given] = Object.entries(action ?? {})[0] ?? [];
  if (method === undefined) return undefined;
  const { choice, byMs, ...rest } = given as { choice?: unknown; byMs?: number };
  const calls: Record<string, () => Promise<unknown>> = {
    answer: () => on.answer(choice, rest),
    start: () => on.start(given as Parameters<Room['start']>[0]),
    pause: () => on.pause(),
    resume: () => on.resume(),
    extend: () => on.extend(byMs ?? 0),
    stop: () => on.stop(),
    roster: () => on.roster(),
    close: () => on.close(),
    leave: () => on.leave(),
  };
  return (calls[method] as () => Promise<unknown>)().then(
    (result) => ({ result }),
    (error: unknown) => ({ code: error instanceof QuizbellError ? error.code : String(error) }),
  );
}

/** What the state must show after that frame, of all that it tells. */
function expectShown(on: Room, { view }: ServerStep, waitedMs: number): void {
  if (view === undefined) return;
  const { question } = on.state;
  expect(question).toMatchObject({
    phase: view.phase,
    questionId: view.questionId,
    runId: view.runId,
    endsAt: view.endsAt,
  });
  // A tick's own version may be older than the state's; it never goes back.
  expect(question?.version).toBeGreaterThanOrEqual(view.version);
  const left = on.remainingMs();
  if (view.remainingMs === null) expect(left).toBeNull();
  else if (view.phase !== 'open') expect(left).toBe(view.remainingMs);
  else expect(Math.abs((left ?? Number.NaN) - view.remainingMs)).toBeLessThan(TIME_TOLERANCE_MS + waitedMs);
}

/** Plays the vector to the SDK and gives what its commands came to, in order. */
async function played(vector: Vector): Promise<Outcome[]> {
  const { ticks, ...who } = vector.member;
  const playback = await PlaybackServer.listen(vector);
  server = playback;
  const opened = openRoom({ url: playback.url, ...who, ticks: ticks ? 'always' : 'never' });
  room = opened;
  const outcomes: Promise<Outcome>[] = [];
  await playback.play(
    (step) => {
      const outcome = perform(opened, step);
      if (outcome !== undefined) outcomes.push(outcome);
    },
    (step) => eventuallyPasses(() => expectShown(opened, step, playback.waitedMs)),
  );
  return Promise.all(outcomes);
}

/** The acknowledgements of the steps with an action, in order. */
function recordedAcks({ steps }: Vector) {
  return steps.flatMap((step) => {
    if (!('client' in step) || step.action === undefined) return [];
    const sent = parseFrame(step.client);
    const answer = steps.find((one) => {
      const frame =
        'server' in one && one.connection === step.connection ? parseFrame(one.server) : undefined;
      return frame?.kind === 'ack' && sent.kind === 'event' && frame.ack === sent.ack;
    }) as ServerStep;
    const frame = parseFrame(answer.server);
    return frame.kind === 'ack' ? [frame.payload] : [];
  });
}

describe('the SDK on the recorded vectors', () => {
  it.each(vectorNames())('%s', async (name) => {
    const vector = readVector(name);
    const outcomes = await played(vector);
    const acks = recordedAcks(vector);
    expect(outcomes).toHaveLength(acks.length);
    outcomes.forEach((outcome, index) => {
      const ack = acks[index];
      if (!ack.ok) expect(outcome).toEqual({ code: ack.error.code });
      else if (ack.verdict !== undefined) expect(outcome).toMatchObject({ result: { verdict: ack.verdict } });
      else if (ack.snapshot !== undefined) {
        expect(outcome).toMatchObject({ result: { version: ack.snapshot.version } });
      } else expect(outcome).toHaveProperty('result');
    });
    expect(server?.unexpected).toEqual([]);
  });

  it('keeps place and answer over a drop', async () => {
    await played(readVector('rejoin'));
    const answer = { verdict: 'accepted', choice: 'b' };
    await eventuallyPasses(() =>
      expect(room?.state).toMatchObject({ connection: 'joined', me: { name: 'Ada' }, answer }),
    );
  });

  it.each([
    ['kicked', { reason: 'kicked' }],
    ['room-closed', { reason: 'room-closed', by: 'host' }],
    ['unknown-pin', { reason: 'refused' }],
  ])('%s: ends, and says why', async (name, end) => {
    await played(readVector(name));
    await eventuallyPasses(() => expect(room?.state).toMatchObject({ connection: 'ended', end }));
  });

  it('keeps the content through ticks', async () => {
    await played(readVector('question-expires'));
    expect(room?.state.question).toMatchObject({
      phase: 'closed',
      content: { choices: [{ id: 'a' }, { id: 'b' }] },
    });
  });
});
