import { eventually, type LooseJson, rest } from '#libs/testing';
import { Recorder } from './recorder.js';
import type { MemberUnderTest } from './vector.types.js';

/** What a scenario plays with: a server, a room of its own, and the room's host by REST. */
export interface Stage {
  readonly room: { readonly roomId: string; readonly pin: string; readonly hostToken: string };
  /** The client whose frames are recorded. */
  member(member: Partial<MemberUnderTest>): Recorder;
  /** A host's command over REST: `''` starts, `/pause` pauses... Gives the snapshot. */
  host(command: string, body?: object): Promise<LooseJson>;
  url: string;
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  play(stage: Stage): Promise<Recorder>;
}

const CONTENT = {
  text: 'Which planet is the largest?',
  choices: [
    { id: 'a', text: 'Mars' },
    { id: 'b', text: 'Jupiter' },
  ],
};
const LONG_MS = 60_000;
const CLEARLY_LATE_MS = 1_000;

const scenarios: Scenario[] = [
  {
    name: 'join-idle',
    about: 'A new player enters a room in which nothing has been asked, and leaves it.',
    async play({ member, room }) {
      const player = member({ pin: room.pin, name: 'Ada' });
      await player.connect();
      await player.join();
      await player.call('room:leave', {}, { leave: {} });
      player.close();
      return player;
    },
  },
  {
    name: 'question-expires',
    about: 'Lead-in, opening, ticks and the closing at the deadline. Ticks leave the content out: it stays.',
    async play({ member, room, host }) {
      const player = member({ pin: room.pin, name: 'Ada', ticks: true });
      await player.connect();
      await player.join();
      await host('', { questionId: 'q1', leadInMs: 400, durationMs: 2_400, content: CONTENT });
      await player.event('question:opened');
      await player.event('question:closed');
      return player;
    },
  },
  {
    name: 'tickless',
    about: 'A client that draws from endsAt and the clock it has measured needs no ticks.',
    async play({ member, room, host }) {
      const player = member({ pin: room.pin, name: 'Ada' });
      await player.connect();
      await player.join();
      await host('', { questionId: 'q1', durationMs: 1_200, content: CONTENT });
      await player.event('question:closed');
      return player;
    },
  },
  {
    name: 'host-acts',
    about: 'Paused, resumed, extended, shortened and stopped: what is left changes at once.',
    async play({ member, room, host }) {
      const player = member({ pin: room.pin, name: 'Ada' });
      await player.connect();
      await player.join();
      const acts: [command: string, body: object | undefined, event: string][] = [
        ['', { questionId: 'q1', durationMs: LONG_MS, tickMs: 0, content: CONTENT }, 'question:started'],
        ['/pause', {}, 'question:paused'],
        ['/extend', { byMs: 10_000 }, 'question:extended'],
        ['/resume', {}, 'question:resumed'],
        ['/extend', { byMs: -20_000 }, 'question:extended'],
        ['/stop', {}, 'question:closed'],
      ];
      for (const [act, body, event] of acts) {
        const { version } = await host(act, body);
        await player.event(event, (payload) => payload.version === version);
      }
      return player;
    },
  },
  {
    name: 'verdicts',
    about: 'Every answer is acknowledged with a verdict, and the same answerId with the same one.',
    async play({ member, room, host, url }) {
      const player = member({ pin: room.pin, name: 'Ada' });
      await player.connect();
      await player.join();
      const answer = (more: LooseJson) =>
        player.call(
          'answer:submit',
          { questionId: 'q1', ...more },
          { answer: { questionId: 'q1', ...more } },
        );
      await answer({ choice: 'b', answerId: 'too-early' }); // wrong_question: nothing was asked
      await host('', { questionId: 'q1', leadInMs: 3_000, durationMs: LONG_MS, tickMs: 0, content: CONTENT });
      await player.event('question:started');
      await answer({ choice: 'b', answerId: 'in-lead-in' }); // not_open
      await player.event('question:opened');
      await host('/pause', {});
      await player.event('question:paused');
      // A gateway that has been awake since gives nobody the benefit of the doubt.
      await rest(`${url}/v1/rooms/${room.roomId}`, { key: room.hostToken });
      await answer({ choice: 'b', answerId: 'in-pause' }); // paused
      await host('/resume', {});
      await player.event('question:resumed');
      await answer({ choice: 'b', answerId: 'first' }); // accepted
      await answer({ choice: 'b', answerId: 'first' }); // the same once more
      await answer({ choice: 'a', answerId: 'second' }); // duplicate
      return player;
    },
  },
  {
    name: 'late-answer',
    about: 'An answer after the deadline is late, and by how much; the closing was in time.',
    async play({ member, room, host, url }) {
      const player = member({ pin: room.pin, name: 'Ada' });
      await player.connect();
      await player.join();
      await host('', { questionId: 'q1', durationMs: 300, tickMs: 0, content: CONTENT });
      const { endsAt } = await player.event('question:closed');
      // Whoever answers while the gateway was busy over the deadline has the benefit of the doubt.
      await eventually(async () => {
        const { body } = await rest(`${url}/v1/rooms/${room.roomId}`, { key: room.hostToken });
        return body.snapshot.serverNow > endsAt + CLEARLY_LATE_MS;
      });
      const late = { questionId: 'q1', choice: 'b', answerId: 'late' };
      await player.call('answer:submit', late, { answer: late });
      return player;
    },
  },
  {
    name: 'rejoin',
    about:
      'The connection drops in mid-question. The client comes back by its token and has its place, the time and its answer.',
    async play({ member, room, host }) {
      const player = member({ pin: room.pin, name: 'Ada' });
      await player.connect();
      const { token } = await player.join();
      await host('', { questionId: 'q1', durationMs: LONG_MS, tickMs: 0, content: CONTENT });
      await player.event('question:started');
      const answer = { questionId: 'q1', choice: 'b', answerId: 'first' };
      await player.call('answer:submit', answer, { answer });
      player.cut();
      await player.connect();
      await player.call('room:join', { token, ticks: false });
      return player;
    },
  },
  {
    name: 'missed-closing',
    about:
      'The closing is lost. The client misses it within 2 s of the deadline and joins again on the same connection.',
    async play({ member, room, host }) {
      const player = member({ pin: room.pin, name: 'Ada' });
      await player.connect();
      const { token } = await player.join();
      await host('', { questionId: 'q1', durationMs: 500, tickMs: 0, content: CONTENT });
      await player.event('question:closed');
      player.withhold('question:closed');
      await new Promise((done) => setTimeout(done, 1_000)); // what the contract gives the closing
      await player.call('room:join', { token, ticks: false });
      return player;
    },
  },
  {
    name: 'stale-events',
    about: 'Events that come again after newer ones change nothing: their version is lower.',
    async play({ member, room, host }) {
      const player = member({ pin: room.pin, name: 'Ada' });
      await player.connect();
      await player.join();
      await host('', { questionId: 'q1', durationMs: LONG_MS, tickMs: 0, content: CONTENT });
      await player.event('question:started');
      await host('/extend', { byMs: 10_000 });
      await player.event('question:extended');
      await host('/pause', {});
      await player.event('question:paused');
      for (const event of ['question:extended', 'question:started', 'question:paused']) player.repeat(event);
      return player;
    },
  },
  {
    name: 'unknown-pin',
    about: 'There is no such room: the client gives up and says why.',
    async play({ member, room }) {
      const wrong = room.pin === '000000' ? '000001' : '000000';
      const player = member({ pin: wrong, name: 'Ada' });
      await player.connect();
      await player.join();
      return player;
    },
  },
  {
    name: 'forbidden',
    about: 'A player who sends a host command is refused, with a code, and stays in the room.',
    async play({ member, room }) {
      const player = member({ pin: room.pin, name: 'Ada' });
      await player.connect();
      await player.join();
      await player.call('question:pause', {}, { pause: {} });
      return player;
    },
  },
  {
    name: 'host',
    about:
      'A host plays a question by its own connection and closes the room. Every command carries a commandId.',
    async play({ member, room }) {
      const host = member({ token: room.hostToken });
      await host.connect();
      await host.join();
      const question = { questionId: 'q1', durationMs: LONG_MS, tickMs: 0, content: CONTENT, correct: 'b' };
      await host.call('question:start', { ...question, commandId: 'start-1' }, { start: question });
      await host.event('question:started');
      await host.call('question:pause', { commandId: 'pause-1' }, { pause: {} });
      await host.call('question:extend', { byMs: 5_000, commandId: 'extend-1' }, { extend: { byMs: 5_000 } });
      await host.call('question:resume', { commandId: 'resume-1' }, { resume: {} });
      await host.call('question:stop', { commandId: 'stop-1' }, { stop: {} });
      await host.event('question:closed');
      await host.call('room:roster', {}, { roster: {} });
      await host.call('room:close', { commandId: 'close-1' }, { close: {} });
      await host.event('room:closed');
      return host;
    },
  },
  {
    name: 'kicked',
    about: 'A member that is put out is told so, and does not come back.',
    async play({ member, room, url }) {
      const player = member({ pin: room.pin, name: 'Ada' });
      await player.connect();
      const { playerId } = await player.join();
      const kick = `${url}/v1/rooms/${room.roomId}/players/${playerId}/kick`;
      await rest(kick, { key: room.hostToken, body: {} });
      await player.event('member:removed');
      await player.ended();
      return player;
    },
  },
  {
    name: 'room-closed',
    about: 'The host closes the room in mid-question: the question closes, then the room.',
    async play({ member, room, url, host }) {
      const player = member({ pin: room.pin, name: 'Ada' });
      await player.connect();
      await player.join();
      await host('', { questionId: 'q1', durationMs: LONG_MS, tickMs: 0, content: CONTENT });
      await player.event('question:started');
      await rest(`${url}/v1/rooms/${room.roomId}`, { key: room.hostToken, method: 'DELETE' });
      await player.event('room:closed');
      return player;
    },
  },
];

export const SCENARIOS: readonly Scenario[] = scenarios;

/** A room of its own for one scenario. */
export async function stageOn(url: string): Promise<Stage> {
  const { body: room } = await rest(`${url}/v1/rooms`, { body: {} });
  return {
    url,
    room,
    member: (member) => new Recorder(url, { ticks: false, ...member }),
    async host(command, body = {}) {
      const answer = await rest(`${url}/v1/rooms/${room.roomId}/question${command}`, {
        key: room.hostToken,
        body,
      });
      if (answer.status !== 200) throw new Error(`${command}: ${JSON.stringify(answer.body)}`);
      return answer.body.snapshot;
    },
  };
}
