import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Window } from 'happy-dom';
import { StrictMode } from 'react';
import { joinRoom, type Room } from '#libs/client';
import { useAnswer, useCountdown, useRoom } from '#libs/client/react';
import {
  eventually,
  rest,
  startStandalone,
  stopAllProcesses,
  type TestServerProcess,
  uniquePrefix,
} from '#libs/testing';

// React looks for a page when it is loaded: so first the page, then React.
const window = new Window();
Object.assign(globalThis, { window, document: window.document });
const { act, cleanup, renderHook } = await import('@testing-library/react');

let server: TestServerProcess;
let host: Room | undefined;

beforeAll(async () => {
  server = await startStandalone({ prefix: uniquePrefix('client-hooks') });
});
afterAll(async () => {
  cleanup();
  host?.disconnect();
  await stopAllProcesses();
});

function usePlayer(pin: string) {
  const { room, state } = useRoom({ url: server.url, pin, name: 'Ada' });
  return { room, state, countdown: useCountdown(room), answer: useAnswer(room) };
}

/** Waits for what the server brings, and lets React render it. */
const until = (isThere: () => unknown) => act(() => eventually(() => isThere()));

it('a component in StrictMode is one player, who answers, goes and comes back as the same', async () => {
  const { roomId, pin, hostToken } = (await rest(`${server.url}/v1/rooms`, { body: {} })).body;
  host = await joinRoom({ url: server.url, token: hostToken });
  const first = renderHook(() => usePlayer(pin), { wrapper: StrictMode });
  await until(() => first.result.current.state.connection === 'joined');
  const { playerId } = first.result.current.state.me ?? {};

  await act(() => host?.start({ questionId: 'q1', durationMs: 60_000 }));
  await until(() => first.result.current.countdown.phase === 'open');
  act(() => void first.result.current.answer.submit('b'));
  await until(() => first.result.current.answer.result?.verdict === 'accepted');
  first.unmount();
  await eventually(() => host?.state.presence?.players === 0);

  const second = renderHook(() => usePlayer(pin), { wrapper: StrictMode });
  await until(() => second.result.current.answer.result !== null);
  expect(second.result.current.answer.result).toMatchObject({ verdict: 'accepted', choice: 'b' });
  expect(second.result.current.state.me?.playerId).toBe(playerId);
  expect((await host.roster({ away: true })).filter(({ role }) => role === 'player')).toHaveLength(1);
  expect((await rest(`${server.url}/v1/rooms/${roomId}`, { key: hostToken })).body.players).toBe(1);
});
