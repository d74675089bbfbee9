import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RosterMember } from '#libs/room';
import { closeIt, does, entry, newRoomIdIn, roomIn, start, stop } from './room.fixture.js';
import type { Heard, StoreHarness } from './store.harness.js';

const HERE = { away: false };
const ALL = { away: true };

const byId = (roster: RosterMember[]): RosterMember[] =>
  [...roster].sort((a, b) => (a.playerId < b.playerId ? -1 : 1));
const ids = (roster: RosterMember[]): string[] => byId(roster).map(({ playerId }) => playerId);

/** What both adapters do with the members of a room. */
export function describeMembers(name: string, createHarness: () => Promise<StoreHarness>): void {
  describe(`members in ${name}`, () => {
    let harness: StoreHarness;
    let roomId: string;

    beforeAll(async () => {
      harness = await createHarness();
    });
    afterAll(() => harness.close());
    beforeEach(async () => {
      roomId = await newRoom();
      await harness.beat();
      await harness.heard();
    });

    const newRoom = async (settings = {}): Promise<string> =>
      (await roomIn(harness.store, { settings, now: await harness.now() })).state.roomId;
    const enter = (playerId: string, more: Parameters<typeof entry>[2] = {}) =>
      harness.members.enter(entry(roomId, playerId, more));
    const leave = (playerId: string, connection = `${playerId}-1`) =>
      harness.members.leave({ roomId, playerId, connection });
    /** The name that a new player with that name gets. */
    const named = async (playerId: string, wanted: string): Promise<string> => {
      const result = await enter(playerId, { name: wanted, maxPlayers: 1_000 });
      return result.entered ? result.name : result.why;
    };
    const presence = async () => (await harness.members.admission(roomId, null))?.presence;
    const refused = (why: string) => ({ entered: false, why });

    describe('a room', () => {
      it('that does not exist, or whose id is none, has no members and takes none', async () => {
        for (const id of [newRoomIdIn(), 'nonsense', '']) {
          expect(await harness.members.admission(id, 'p')).toBeNull();
          expect(await harness.members.enter(entry(id, 'p'))).toEqual(refused('over'));
          await harness.members.leave({ roomId: id, playerId: 'p', connection: 'p-1' });
          await harness.members.remove(id, 'p', 'banned');
          expect(await harness.members.roster(id, HERE)).toEqual([]);
          expect(await harness.members.roster(id, ALL)).toEqual([]);
          expect(await harness.members.roleOf(id, 'p')).toBeNull();
        }
      });

      it('tells who asks to enter of its settings, who is connected, and of themselves', async () => {
        const settings = { maxPlayers: 3, secondConnection: 'refuse', webhook: 'https://example.org/"x"' };
        roomId = await newRoom(settings);
        await enter('p1');
        await enter('s1', { role: 'spectator' });
        await enter('c1', { role: 'co-host' });
        const known = { settings, presence: { players: 1, spectators: 1, hostConnected: true } };
        const admission = (playerId: string | null) => harness.members.admission(roomId, playerId);
        expect(await admission(null)).toEqual({ ...known, removal: null, isConnected: false });
        expect(await admission('p1')).toEqual({ ...known, removal: null, isConnected: true });
        await leave('c1');
        await leave('p1');
        expect(await admission('p1')).toMatchObject({
          presence: { players: 0, spectators: 1, hostConnected: false },
          isConnected: false,
        });
      });

      it('lists who is connected, each once, and knows their roles and those of remembered players', async () => {
        await enter('p1', { name: 'Ädä "😀" \\ </b> %s' });
        await enter('h', { role: 'host', name: 'Host' });
        await enter('p1', { connection: 'p1-2', name: 'Somebody else' });
        expect(byId(await harness.members.roster(roomId, HERE))).toEqual([
          { playerId: 'h', role: 'host', name: 'Host', connected: true },
          { playerId: 'p1', role: 'player', name: 'Ädä "😀" \\ </b> %s', connected: true },
        ]);
        await leave('p1', 'p1-2');
        await leave('h');
        expect(await harness.members.roster(roomId, HERE)).toEqual([]);
        const role = (playerId: string) => harness.members.roleOf(roomId, playerId);
        expect([await role('p1'), await role('h'), await role('x')]).toEqual(['player', null, null]);
      });

      it('lists on request the players who are away, with those who left; not who was put out, and nobody else', async () => {
        for (const id of ['drops', 'leaves', 'kicked', 'stays']) await enter(id, { name: `${id} "😀"` });
        await enter('h', { role: 'host' });
        await enter('s', { role: 'spectator' });
        for (const id of ['drops', 'leaves', 'h', 's']) await leave(id);
        await harness.members.remove(roomId, 'kicked', 'kicked');
        const player = (playerId: string, connected: boolean) => ({
          playerId,
          role: 'player',
          name: `${playerId} "😀"`,
          connected,
        });
        expect(byId(await harness.members.roster(roomId, ALL))).toEqual([
          player('drops', false),
          player('leaves', false),
          player('stays', true),
        ]);
        await enter('leaves', { connection: 'leaves-2' });
        expect(ids(await harness.members.roster(roomId, HERE))).toEqual(['leaves', 'stays']);
        expect(byId(await harness.members.roster(roomId, ALL))).toMatchObject([
          { playerId: 'drops', connected: false },
          { playerId: 'leaves', connected: true },
          { playerId: 'stays', connected: true },
        ]);
        await harness.members.remove(roomId, 'drops', 'banned');
        expect(ids(await harness.members.roster(roomId, ALL))).toEqual(['leaves', 'stays']);
      });

      it('lists each of thousands once', async () => {
        const all = Array.from({ length: 1_300 }, (_, i) => `p${10_000 + i}`);
        const here = all.slice(0, 700);
        for (const [i, id] of all.entries()) {
          if (i % 50 === 0) await harness.beat();
          await enter(id, { maxPlayers: 2_000 });
        }
        for (const id of all.slice(700)) await leave(id);
        await harness.beat();
        expect(ids(await harness.members.roster(roomId, HERE))).toEqual(here);
        await harness.beat();
        const roster = byId(await harness.members.roster(roomId, ALL));
        expect(ids(roster)).toEqual(all);
        expect(roster.filter(({ connected }) => connected)).toHaveLength(here.length);
      });

      it('is occupied while somebody is connected, and knows when the last one left', async () => {
        expect(await harness.store.occupiedAt(roomId)).toBe(0);
        await enter('p1');
        await enter('h', { role: 'host' });
        await leave('p1');
        await leave('nobody');
        const before = await harness.now();
        expect(await harness.store.occupiedAt(roomId)).toBeGreaterThanOrEqual(before);
        await leave('h');
        const left = await harness.store.occupiedAt(roomId);
        expect(left).toBeGreaterThanOrEqual(before);
        await harness.pass(100_000);
        await leave('h');
        expect(await harness.store.occupiedAt(roomId)).toBe(left);
      });

      it('has a channel per audience and per player', async () => {
        const channels = [
          ...(['room', 'ticks', 'staff'] as const).map((audience) => harness.store.channel(audience, roomId)),
          harness.store.channel('player', roomId, 'p1'),
          harness.store.channel('player', roomId, 'p2'),
        ];
        expect(new Set(channels).size).toBe(5);
        expect(channels.filter((channel) => channel.length === 20)).toEqual([]);
      });
    });

    describe('names', () => {
      it('are told apart by numbers, whatever form they are written in', async () => {
        const names = ['Ada', 'ADA', 'ada', 'Bob', 'Ada'];
        const got: string[] = [];
        for (const [i, wanted] of names.entries()) got.push(await named(`p${i}`, wanted));
        expect(got).toEqual(['Ada', 'ADA (2)', 'ada (3)', 'Bob', 'Ada (4)']);
      });

      it('that somebody has chosen with a number are not given to others', async () => {
        expect(await named('p1', 'Ada (2)')).toBe('Ada (2)');
        expect(await named('p2', 'Ada')).toBe('Ada');
        expect(await named('p3', 'Ada')).toBe('Ada (3)');
        expect(await named('p4', 'Ada (2)')).toBe('Ada (2) (2)');
      });

      it('of 32 characters are cut, so that the number has room', async () => {
        const long = `${'ä'.repeat(26)} 😀😀xyz`;
        const got: string[] = [];
        for (let i = 0; i < 11; i++) got.push(await named(`p${i}`, long));
        expect(got.slice(0, 2)).toEqual([long, `${'ä'.repeat(26)} 😀 (2)`]);
        expect(got.at(-1)).toBe(`${'ä'.repeat(26)} (11)`);
        expect(new Set(got).size).toBe(11);
        for (const one of got) expect([...one].length).toBeLessThanOrEqual(32);
        // Somebody chose a name that another was given: cut, both are the same name again.
        expect(await named('q', `${'ä'.repeat(26)} 😀 (2)`)).toBe(`${'ä'.repeat(26)} (12)`);
      });

      it('of two hundred of one name are all different, all at once too', async () => {
        const all = await Promise.all(Array.from({ length: 200 }, (_, i) => named(`p${i}`, 'Ada')));
        expect(all.sort()).toEqual(
          ['Ada', ...Array.from({ length: 199 }, (_, i) => `Ada (${i + 2})`)].sort(),
        );
      });

      it('stay those of players who are known', async () => {
        await named('p1', 'Ada');
        await named('p2', 'Ada');
        await leave('p1');
        await leave('p2');
        expect(await named('p2', 'Eve')).toBe('Ada (2)');
        expect(await named('p1', 'Ada')).toBe('Ada');
        expect(await named('p3', 'Eve')).toBe('Eve');
      });

      it('of hosts and screens are left as they are', async () => {
        await named('p1', 'Ada');
        const entered = { entered: true, name: 'Ada' };
        expect(await enter('h', { role: 'host', name: 'Ada' })).toEqual(entered);
        expect(await enter('s', { role: 'spectator', name: 'Ada' })).toEqual(entered);
        expect(await named('p2', 'Ada')).toBe('Ada (2)');
      });
    });

    describe('a second connection', () => {
      it('takes the seat over: the first is told so, the second not, and the first cannot give it up', async () => {
        await harness.listen(roomId, 'p1', 'p2');
        await enter('p1');
        await enter('p2');
        expect(await harness.heard()).toEqual([]);
        expect(await enter('p1', { connection: 'p1-2' })).toEqual({ entered: true, name: 'p1' });
        expect(await harness.heard()).toEqual([
          { audience: 'player', event: 'member:removed', payload: { reason: 'replaced' }, except: 'p1-2' },
        ]);
        await leave('p1', 'p1-1');
        expect(await presence()).toMatchObject({ players: 2 });
        await leave('p1', 'p1-2');
        expect(await presence()).toMatchObject({ players: 1 });
      });

      it('takes over in a full room too', async () => {
        await enter('p1', { maxPlayers: 1 });
        expect(await enter('p1', { maxPlayers: 1, connection: 'p1-2' })).toMatchObject({ entered: true });
        expect(await presence()).toMatchObject({ players: 1 });
      });

      it('is refused where the room wants it so, until the first has ended', async () => {
        const refuse = { secondConnection: 'refuse' } as const;
        await harness.listen(roomId, 'p1');
        await enter('p1', refuse);
        expect(await enter('p1', { ...refuse, connection: 'p1-2' })).toEqual(refused('taken'));
        expect(await enter('p1', refuse)).toMatchObject({ entered: true });
        expect(await harness.heard()).toEqual([]);
        await leave('p1');
        expect(await enter('p1', { ...refuse, connection: 'p1-2' })).toMatchObject({ entered: true });
      });
    });

    describe('a room’s places', () => {
      it('are taken by connected players only', async () => {
        const two = { maxPlayers: 2 };
        await enter('h', { ...two, role: 'host' });
        await enter('s', { ...two, role: 'spectator' });
        await enter('p1', two);
        await enter('p2', two);
        expect(await enter('p3', two)).toEqual(refused('full'));
        expect(await enter('p1', two)).toMatchObject({ entered: true });
        expect(await enter('c', { ...two, role: 'co-host' })).toMatchObject({ entered: true });
        await leave('p1');
        expect(await enter('p3', two)).toMatchObject({ entered: true });
        expect(await enter('p1', two)).toEqual(refused('full'));
        expect(await presence()).toEqual({ players: 2, spectators: 1, hostConnected: true });
      });

      it('are never taken by more, though all come at once', async () => {
        const all = await Promise.all(Array.from({ length: 30 }, (_, i) => enter(`p${i}`)));
        expect(all.filter(({ entered }) => entered)).toHaveLength(10);
        expect(await presence()).toMatchObject({ players: 10 });
      });

      // Whoever joins and leaves in a loop, each time as somebody new, must neither fill the room nor the memory.
      it('are still there after hundreds have come and gone; at most twice as many are remembered', async () => {
        for (let i = 0; i < 9; i++) await enter(`stays${i}`);
        for (let i = 0; i < 500; i++) {
          if (i % 50 === 0) await harness.beat();
          expect(await enter(`p${i}`, { name: 'Ada' })).toMatchObject({ entered: true });
          await leave(`p${i}`);
        }
        const roles = await Promise.all(
          Array.from({ length: 500 }, (_, i) => harness.members.roleOf(roomId, `p${i}`)),
        );
        expect(roles.filter((role) => role === 'player')).toHaveLength(11);
        await harness.beat();
        for (let i = 0; i < 9; i++)
          expect(await enter(`stays${i}`, { name: 'x' })).toMatchObject({ name: `stays${i}` });
        const result = await enter('last', { name: 'Ada' });
        // Forgotten players' names are free again: at most twelve are called so.
        expect(result).toMatchObject({ entered: true, name: expect.stringMatching(/^Ada( \(\d{1,2}\))?$/) });
      });
    });

    describe('a member who is removed', () => {
      it('is told so, has no seat, and cannot come back', async () => {
        await harness.listen(roomId, 'p1', 'p2');
        await enter('p1');
        await enter('p2');
        await harness.members.remove(roomId, 'p1', 'kicked');
        expect(await harness.heard()).toEqual([
          { audience: 'player', event: 'member:removed', payload: { reason: 'kicked' } },
        ]);
        expect((await harness.members.roster(roomId, HERE)).map(({ playerId }) => playerId)).toEqual(['p2']);
        expect(await presence()).toMatchObject({ players: 1 });
        expect(await enter('p1', { connection: 'p1-2' })).toEqual(refused('removed'));
        expect(await harness.members.admission(roomId, 'p1')).toMatchObject({ removal: 'kicked' });
        const removed = ['p1', 'p2', 'x'].map((id) => harness.store.isRemoved(roomId, id));
        expect(await Promise.all(removed)).toEqual([true, false, false]);
        expect(await harness.members.roleOf(roomId, 'p1')).toBe('player');
        await leave('p1');
        expect(await presence()).toMatchObject({ players: 1 });
      });

      it('by a kick may come as somebody new with the same name; by a ban not', async () => {
        await named('p1', 'Ada');
        await harness.members.remove(roomId, 'p1', 'kicked');
        expect(await named('p2', 'ada')).toBe('ada');
        await harness.members.remove(roomId, 'p2', 'banned');
        expect(await enter('p3', { name: 'ADA' })).toEqual(refused('name'));
        expect(await named('p4', 'Ada 2')).toBe('Ada 2');
        expect(await harness.members.admission(roomId, 'p2')).toMatchObject({ removal: 'banned' });
      });

      it('a second time is not told again; a ban may follow a kick, not the other way', async () => {
        await harness.listen(roomId, 'p1');
        await named('p1', 'Ada');
        await harness.members.remove(roomId, 'p1', 'kicked');
        await harness.heard();
        await harness.members.remove(roomId, 'p1', 'kicked');
        await harness.members.remove(roomId, 'p1', 'banned');
        await harness.members.remove(roomId, 'p1', 'kicked');
        expect(await harness.heard()).toEqual([]);
        expect(await harness.members.admission(roomId, 'p1')).toMatchObject({ removal: 'banned' });
        expect(await enter('p2', { name: 'Ada' })).toEqual(refused('name'));
      });

      it('may be away, or be no player; strangers are not noted', async () => {
        await named('p1', 'Ada');
        await leave('p1');
        await enter('c', { role: 'co-host', name: 'Bob' });
        await harness.members.remove(roomId, 'p1', 'banned');
        await harness.members.remove(roomId, 'c', 'banned');
        await harness.members.remove(roomId, 'stranger', 'banned');
        expect(await enter('p1')).toEqual(refused('removed'));
        expect(await enter('c', { role: 'co-host' })).toEqual(refused('removed'));
        expect(await enter('p2', { name: 'Bob' })).toEqual(refused('name'));
        expect(await enter('stranger')).toMatchObject({ entered: true });
        expect(await presence()).toEqual({ players: 1, spectators: 0, hostConnected: false });
      });

      it('takes no name from another player who has it', async () => {
        await named('p1', 'Ada');
        await enter('s', { role: 'spectator', name: 'Ada' });
        await harness.members.remove(roomId, 's', 'banned');
        expect(await named('p2', 'Ada')).toBe('Ada (2)');
      });
    });

    describe('a connection', () => {
      const losses = (...seats: [playerId: string, connection?: string][]) =>
        harness.members.seatLosses(
          roomId,
          seats.map(([playerId, connection = `${playerId}-1`]) => ({ playerId, connection })),
        );

      it('learns whether its seat was taken from it, and how', async () => {
        for (const id of ['stays', 'kicked', 'banned', 'replaced', 'left']) await enter(id);
        await harness.members.remove(roomId, 'kicked', 'kicked');
        await harness.members.remove(roomId, 'banned', 'banned');
        await enter('replaced', { connection: 'replaced-2' });
        await leave('left');
        const all = ['replaced', 'stays', 'kicked', 'left', 'banned', 'stranger'];
        const found = await losses(...all.map((id): [string] => [id]), ['replaced', 'replaced-2']);
        expect(found).toEqual(['replaced', null, 'kicked', null, 'banned', null, null]);
        expect(await losses()).toEqual([]);
      });

      it('is answered for in its place among thousands', async () => {
        await enter('p');
        await harness.members.remove(roomId, 'p', 'kicked');
        const many = Array.from({ length: 1_201 }, (_, i): [string] => [i % 400 === 0 ? 'p' : `x${i}`]);
        const found = await losses(...many);
        expect(found).toHaveLength(1_201);
        expect(found.flatMap((loss, i) => (loss === null ? [] : [i]))).toEqual([0, 400, 800, 1_200]);
      });

      it('of no room has lost nothing', async () => {
        for (const id of [newRoomIdIn(), 'nonsense', '']) {
          expect(await harness.members.seatLosses(id, [{ playerId: 'p', connection: 'c' }])).toEqual([null]);
        }
      });
    });

    describe('what rooms are told', () => {
      const own = async () => {
        const fence = await harness.own('owner');
        const stirred = async () => {
          const taken = await harness.members.takeStirred(fence, 10_000);
          if (taken === 'fenced') throw new Error('fenced');
          return taken.roomIds.filter((id) => id === roomId);
        };
        const tell = async (run: Parameters<typeof harness.members.tellStirred>[1][number]['run'] = null) => {
          expect(await harness.members.tellStirred(fence, [{ roomId, run }])).toBe('told');
          const heard = await harness.heard();
          return heard.map(({ audience, event, payload: { serverNow, ...rest } }: Heard) => {
            expect(serverNow).toEqual(expect.any(Number));
            return [audience, event, rest];
          });
        };
        await stirred();
        return { fence, stirred, tell };
      };
      const told = (players: number, spectators: number, hostConnected: boolean) => [
        'room',
        'room:presence',
        { roomId, players, spectators, hostConnected },
      ];

      it('is due when members came or went, each room once, and not when nothing changed', async () => {
        const { stirred } = await own();
        await enter('p1');
        await enter('p2');
        expect(await stirred()).toEqual([roomId]);
        await enter('p1');
        await leave('p1', 'another');
        await harness.members.remove(roomId, 'stranger', 'kicked');
        expect(await stirred()).toEqual([]);
        await leave('p1');
        expect(await stirred()).toEqual([roomId]);
        await harness.members.remove(roomId, 'p2', 'kicked');
        expect(await stirred()).toEqual([roomId]);
      });

      it('is taken by so many rooms at once as asked', async () => {
        const { fence } = await own();
        const rooms = [await newRoom(), await newRoom(), await newRoom()];
        for (const id of rooms) await harness.members.enter(entry(id, 'p'));
        const takes = [];
        for (const limit of [2, 2, 2]) {
          const taken = await harness.members.takeStirred(fence, limit);
          takes.push(taken === 'fenced' ? [] : taken.roomIds);
        }
        expect(takes.map(({ length }) => length)).toEqual([2, 1, 0]);
        expect(takes.flat().sort()).toEqual([...rooms].sort());
      });

      it('of its members is told once, again after a newcomer, and not when nothing changed', async () => {
        await harness.listen(roomId);
        const { tell } = await own();
        expect(await tell()).toEqual([told(0, 0, false)]);
        await enter('p1');
        await enter('s', { role: 'spectator' });
        await enter('c', { role: 'co-host' });
        expect(await tell()).toEqual([told(1, 1, true)]);
        expect(await tell()).toEqual([]);
        await enter('p1', { connection: 'p1-2' });
        expect(await tell()).toEqual([told(1, 1, true)]);
        await leave('c');
        expect(await tell()).toEqual([told(1, 1, false)]);
        await enter('p2');
        await leave('p2');
        expect(await tell()).toEqual([told(1, 1, false)]);
        expect(await tell()).toEqual([]);
      });

      it('of its answers is told to hosts and screens, once for each count and run', async () => {
        await harness.listen(roomId);
        const { tell, stirred } = await own();
        const state = await does(harness.store, roomId, start());
        const { runId = 0 as never, questionId = '' } = state.question ?? {};
        const count = (value: number) => [
          'staff',
          'answers:count',
          { roomId, questionId: 'q1', count: value },
        ];
        await harness.heard();
        expect(await tell({ runId, questionId })).toEqual([told(0, 0, false), count(0)]);
        await harness.accept(roomId, runId, 'p1');
        await harness.accept(roomId, runId, 'p2');
        expect(await stirred()).toEqual([roomId]);
        expect(await tell({ runId, questionId })).toEqual([count(2)]);
        expect(await tell({ runId, questionId })).toEqual([]);
        const stopped = await does(harness.store, roomId, stop);
        const again = await does(harness.store, roomId, start());
        expect(stopped.question?.runId).toBe(runId);
        await harness.heard();
        expect(await tell({ runId: again.question?.runId ?? (0 as never), questionId })).toEqual([count(0)]);
        expect(await tell()).toEqual([]);
        await enter('h', { role: 'host' });
        expect(await tell({ runId, questionId })).toEqual([told(0, 0, true), count(2)]);
      });

      it('is nothing when the owner is another, or the room is over', async () => {
        await harness.listen(roomId);
        const { fence } = await own();
        await enter('p1');
        const later = await harness.own('later');
        expect(await harness.members.tellStirred(fence, [{ roomId, run: null }])).toBe('fenced');
        expect(await harness.members.takeStirred(fence, 10)).toBe('fenced');
        expect(await harness.heard()).toEqual([]);
        expect(await harness.members.takeStirred(later, 10)).toMatchObject({ roomIds: [roomId] });
        await does(harness.store, roomId, closeIt);
        await harness.heard();
        expect(await harness.members.tellStirred(later, [{ roomId, run: null }])).toBe('told');
        expect(await harness.heard()).toEqual([]);
      });

      it('goes to many rooms in one call', async () => {
        const { fence } = await own();
        const rooms = await Promise.all(Array.from({ length: 40 }, () => newRoom()));
        for (const [i, id] of rooms.entries()) {
          await harness.listen(id);
          for (let p = 0; p < i % 3; p++) await harness.members.enter(entry(id, `p${p}`));
        }
        await harness.members.tellStirred(
          fence,
          rooms.map((id) => ({ roomId: id, run: null })),
        );
        const heard = await harness.heard();
        expect(heard.map(({ payload }) => [payload.roomId, payload.players])).toEqual(
          rooms.map((id, i) => [id, i % 3]),
        );
      });
    });
  });
}
