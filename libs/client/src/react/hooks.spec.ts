import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createElement, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import type { OwnAnswer, Room, RoomOptions } from '#libs/client';
import { QuizbellError } from '#libs/client';
import { useAnswer } from './answer.hook.js';
import { useCountdown, useCountdownFrame } from './countdown.hook.js';
import { act, closePage, renderHook } from './dom.spec-helper.js';
import { FakeRoom } from './fake.room.spec-helper.js';
import { useRoomEvent, useRoomOf } from './room.hook.js';

const HERE: RoomOptions = { url: 'http://localhost:3000', pin: '123456', name: 'Ada' };

let room: FakeRoom;
let opened: { options: RoomOptions; room: FakeRoom }[];
const open = (options: RoomOptions): Room => {
  const one = opened.length === 0 ? room : new FakeRoom();
  opened.push({ options, room: one });
  return one;
};
const roomOf = (i: number): FakeRoom => opened[i]?.room as FakeRoom;

beforeEach(() => {
  room = new FakeRoom();
  opened = [];
});
afterEach(closePage);

/** Lets the task end in which something was released. */
const settled = () => act(async () => {});

describe('a room of a component', () => {
  const render = (options: RoomOptions | null, strict = false) =>
    renderHook((props: RoomOptions | null) => useRoomOf(open, props), {
      initialProps: options,
      ...(strict ? { wrapper: StrictMode } : {}),
    });

  it('is opened on mount, disconnected on unmount, and left behind without a listener', async () => {
    const { result, unmount } = render(HERE);
    expect(result.current.room).toBe(room);
    expect(result.current.state).toBe(room.state);
    expect(opened.map(({ options }) => options)).toEqual([HERE]);
    unmount();
    await settled();
    expect([room.disconnects, room.listeners]).toEqual([1, 0]);
  });

  it('is one player in StrictMode, whose effects run twice', async () => {
    const { result, unmount } = render(HERE, true);
    await settled();
    expect([opened.length, room.disconnects]).toEqual([1, 0]);
    act(() => room.change({ connection: 'joined' }));
    expect(result.current.state.connection).toBe('joined');
    unmount();
    await settled();
    expect([opened.length, room.disconnects, room.listeners]).toEqual([1, 1, 0]);
  });

  it('renders anew when its state changed, and only then', () => {
    let renders = 0;
    const { result } = renderHook(() => {
      renders += 1;
      return useRoomOf(open, HERE);
    });
    const before = renders;
    act(() => room.change({ connection: 'joined' }));
    expect([renders, result.current.state.connection]).toEqual([before + 1, 'joined']);
  });

  it('is another one for another place, not for new objects, names or settings', async () => {
    const { result, rerender } = render(HERE);
    rerender({ ...HERE });
    rerender({ ...HERE, name: 'Ida', ticks: 'never', timeoutMs: 1_000 });
    await settled();
    expect([opened.length, room.disconnects]).toEqual([1, 0]);
    for (const [i, other] of [
      { ...HERE, pin: '654321' },
      { ...HERE, token: 't' },
      { ...HERE, url: ['http://localhost:3001'] },
    ].entries()) {
      rerender(other);
      await settled();
      expect([opened.length, roomOf(i).disconnects, result.current.room]).toEqual([i + 2, 1, roomOf(i + 1)]);
    }
  });

  it('is none for null, then one with the options of that moment, then none again', async () => {
    const { result, rerender } = render(null);
    expect([opened.length, result.current.room]).toEqual([0, null]);
    expect(result.current.state).toMatchObject({ connection: 'connecting', question: null, me: null });
    rerender({ ...HERE, name: 'Ida' });
    expect(opened.map(({ options }) => options.name)).toEqual(['Ida']);
    rerender(null);
    await settled();
    expect([room.disconnects, result.current.room]).toEqual([1, null]);
  });

  it('tells its events to the handler of the last render', () => {
    const heard: string[] = [];
    const { rerender, unmount } = renderHook(
      (name: string) => useRoomEvent(room, 'member:removed', ({ reason }) => heard.push(`${name} ${reason}`)),
      { initialProps: 'first', wrapper: StrictMode },
    );
    rerender('second');
    room.emit('member:removed', { reason: 'kicked' });
    expect(heard).toEqual(['second kicked']);
    unmount();
    expect(room.listeners).toBe(0);
  });
});

describe('a countdown', () => {
  const render = (every: 'frame' | 'second') => {
    let renders = 0;
    const hook = renderHook(() => {
      renders += 1;
      return useCountdown(room, { every });
    });
    return { ...hook, renders: () => renders };
  };

  it('renders anew once per shown second', () => {
    room.show(20_000);
    const { result, renders, unmount } = render('second');
    const before = renders();
    for (const remainingMs of [19_999, 19_500, 19_001]) act(() => room.show(remainingMs));
    expect([result.current.seconds, renders()]).toEqual([20, before]);
    act(() => room.show(19_000));
    expect([result.current.seconds, renders()]).toEqual([19, before + 1]);
    unmount();
    expect(room.listeners).toBe(0);
  });

  it('renders anew when the phase, the duration or the second of the lead-in changed', () => {
    room.show(20_000, { phase: 'lead-in', opensInMs: 2_500 });
    const { result, renders } = render('second');
    const before = renders();
    act(() => room.show(20_000, { phase: 'lead-in', opensInMs: 2_100 }));
    expect(renders()).toBe(before);
    act(() => room.show(20_000, { phase: 'lead-in', opensInMs: 2_000 }));
    act(() => room.show(20_000));
    act(() => room.show(20_000, { durationMs: 30_000 }));
    expect([renders(), result.current.phase, result.current.durationMs]).toEqual([
      before + 3,
      'open',
      30_000,
    ]);
  });

  it('renders anew at each frame in which it moved, if asked to', () => {
    room.show(20_000);
    const { result, renders } = render('frame');
    const before = renders();
    act(() => room.show(19_984));
    act(() => room.show(19_967));
    expect([renders(), result.current.remainingMs]).toEqual([before + 2, 19_967]);
    act(() => room.show(19_967));
    expect(renders()).toBe(before + 2);
    expect(room.countdowns.map(({ every }) => every)).toEqual(['frame']);
  });

  it('draws each frame without rendering', () => {
    room.show(20_000);
    const drawn: (number | null)[] = [];
    let renders = 0;
    const { rerender, unmount } = renderHook(
      (sign: number) => {
        renders += 1;
        useCountdownFrame(room, ({ remainingMs }) => drawn.push(sign * (remainingMs ?? 0)));
      },
      { initialProps: 1 },
    );
    room.show(19_984);
    rerender(-1);
    room.show(19_967);
    expect([renders, drawn]).toEqual([2, [20_000, 19_984, -19_967]]);
    unmount();
    expect(room.listeners).toBe(0);
  });

  it('is that of the room it is given', () => {
    room.show(20_000);
    const other = new FakeRoom();
    other.show(5_000);
    const { result, rerender } = renderHook((one: Room | null) => useCountdown(one), {
      initialProps: null as Room | null,
    });
    expect(result.current).toMatchObject({ phase: 'idle', seconds: null });
    rerender(room);
    expect(result.current.seconds).toBe(20);
    rerender(other);
    expect([result.current.seconds, room.listeners]).toEqual([5, 0]);
  });
});

describe('an answer', () => {
  const ownAnswer = (runId: number, more: Partial<OwnAnswer> = {}): OwnAnswer => ({
    runId,
    questionId: `q${runId}`,
    choice: 'a',
    verdict: 'accepted',
    receivedAt: 1_200,
    elapsedMs: 200,
    ...more,
  });
  const render = (one: Room | null = room) => renderHook(() => useAnswer(one), { wrapper: StrictMode });

  it('is on its way, then judged', async () => {
    room.run(1);
    const { result } = render();
    expect(result.current).toMatchObject({ isPending: false, result: null, error: null });
    let returned: unknown;
    act(() => {
      void result.current.submit('b').then((own) => {
        returned = own;
      });
    });
    expect(result.current.isPending).toBe(true);
    await act(async () => room.sent[0]?.resolve({}));
    expect(result.current).toMatchObject({ isPending: false, result: { verdict: 'accepted', choice: 'b' } });
    expect(returned).toBe(result.current.result);
  });

  it('is sent once by a double click', async () => {
    room.run(1);
    const { result } = render();
    const returned: unknown[] = [];
    act(() => {
      returned.push(result.current.submit('b'), result.current.submit('b'));
    });
    act(() => void result.current.submit('c'));
    expect(room.sent.map(({ choice }) => choice)).toEqual(['b']);
    expect(returned[1]).toBe(returned[0]);
    await act(async () => room.sent[0]?.resolve({}));
    act(() => void result.current.submit('c'));
    expect(room.sent).toHaveLength(2);
  });

  it('is forgotten when a new run begins, also one that is still on its way', async () => {
    room.run(1);
    const { result } = render();
    act(() => void result.current.submit('b'));
    act(() => room.run(2));
    expect(result.current.isPending).toBe(false);
    await act(async () => room.sent[0]?.resolve({}));
    expect(result.current.result).toBeNull();
    act(() => void result.current.submit('c'));
    await act(async () => room.sent[1]?.resolve({ verdict: 'late' }));
    expect(result.current.result).toMatchObject({ verdict: 'late', choice: 'c' });
    act(() => room.run(3));
    expect(result.current.result).toBeNull();
  });

  it('of before a refresh is there again', () => {
    room.run(1, ownAnswer(1));
    const { result } = render();
    expect(result.current.result).toMatchObject({ verdict: 'accepted', choice: 'a' });
    act(() => room.run(2, ownAnswer(1)));
    expect(result.current.result).toBeNull();
  });

  it('that was accepted stands when a later one is refused, whose own verdict is still returned', async () => {
    room.run(1, ownAnswer(1));
    const { result } = render();
    let returned: unknown;
    act(() => {
      void result.current.submit('b').then((own) => {
        returned = own;
      });
    });
    await act(async () => room.sent[0]?.resolve({ verdict: 'duplicate' }));
    expect(result.current.result).toMatchObject({ verdict: 'accepted', choice: 'a' });
    expect(returned).toMatchObject({ verdict: 'duplicate', choice: 'b' });
  });

  it('that is accepted in place of another one is shown, and not taken back by a refused third', async () => {
    room.run(1);
    const { result } = render();
    for (const [choice, verdict] of [
      ['a', 'accepted'],
      ['b', 'accepted'],
      ['c', 'late'],
    ] as const) {
      act(() => void result.current.submit(choice));
      await act(async () => room.sent.at(-1)?.resolve({ verdict }));
    }
    expect(result.current.result).toMatchObject({ verdict: 'accepted', choice: 'b' });
    // Given by other means, such as in another component.
    act(() => room.run(1, ownAnswer(1, { choice: 'd', receivedAt: 1_501 })));
    expect(result.current.result).toMatchObject({ choice: 'd' });
  });

  it('that could not be judged says why, and may be sent again', async () => {
    room.run(1);
    const { result } = render();
    const refusal = new QuizbellError({
      code: 'unavailable',
      message: 'No gateway answers',
      retryable: true,
    });
    let returned: unknown;
    act(() => {
      void result.current.submit('b').then((own) => {
        returned = own;
      });
    });
    await act(async () => room.sent[0]?.reject(refusal));
    expect([result.current.error, result.current.isPending, returned]).toEqual([refusal, false, null]);
    act(() => void result.current.submit('b'));
    expect(result.current).toMatchObject({ error: null, isPending: true });
  });

  it('is hidden by a reset until the next one', async () => {
    room.run(1, ownAnswer(1));
    const { result } = render();
    act(() => result.current.reset());
    expect(result.current.result).toBeNull();
    act(() => void result.current.submit('b'));
    await act(async () => room.sent[0]?.resolve({}));
    expect(result.current.result).toMatchObject({ choice: 'b' });
  });

  it('has nowhere to go without a room', async () => {
    const { result } = render(null);
    await expect(result.current.submit('b')).resolves.toBeNull();
    expect(result.current.isPending).toBe(false);
  });
});

describe('on a server that renders pages', () => {
  it('no room is opened, and nothing is known yet', () => {
    const Page = () => {
      const { room: mine, state } = useRoomOf(open, HERE);
      const { phase } = useCountdown(room);
      const { isPending } = useAnswer(room);
      return createElement('p', null, [mine === null, state.connection, phase, isPending].join());
    };
    room.show(20_000);
    expect(renderToString(createElement(Page))).toBe('<p>true,connecting,idle,false</p>');
    expect(opened).toEqual([]);
  });
});
