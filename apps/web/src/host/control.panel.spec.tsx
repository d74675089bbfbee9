import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Connection, QuizbellError, type Room, type RoomState, type StartQuestion } from '#libs/client';
import { act, closePage, fireEvent, render, screen } from '../ui/page.spec-helper.js';
import type { QuizQuestion } from './question.list.js';
import type { Quiz } from './use.quiz.js';

const { AppFrame } = await import('../ui/index.js');
const { ControlPanel } = await import('./control.panel.js');
const { useHostActions } = await import('./use.host.actions.js');

type Phase = NonNullable<RoomState['question']>['phase'];

const QUESTION: QuizQuestion = {
  id: 'q-1',
  text: 'Why?',
  choices: [
    { id: 'a', text: 'Yes' },
    { id: 'b', text: 'No' },
  ],
  correct: 'b',
  seconds: 20,
  leadInSeconds: 3,
  graceSeconds: 0,
};

let sent: string[];
let answer: () => Promise<never>;
let started: string[];

beforeEach(() => {
  sent = [];
  started = [];
  answer = () => new Promise(() => undefined);
});
afterEach(closePage);

const command = (name: string) => (argument?: unknown) => {
  sent.push(argument === undefined ? name : `${name} ${JSON.stringify(argument)}`);
  return answer();
};

function show(phase: Phase, connection: Connection = 'joined') {
  const room = {
    start: (question: StartQuestion) => command('start')(question.questionId),
    pause: command('pause'),
    resume: command('resume'),
    extend: command('extend'),
    stop: command('stop'),
    onCountdown: () => () => undefined,
  } as unknown as Room;
  const content = { text: 'Being played?', choices: [] };
  const state = {
    connection,
    presence: { players: 3 },
    answersCount: 1,
    question: { phase, questionId: 'q-1', content },
  } as unknown as RoomState;
  const quiz = {
    questions: [QUESTION],
    selected: QUESTION,
    played: [],
    markStarted: (id: string) => started.push(id),
    select: () => undefined,
  } as unknown as Quiz;
  const Panel = () => <ControlPanel room={room} state={state} quiz={quiz} actions={useHostActions()} />;
  render(
    <AppFrame>
      <Panel />
    </AppFrame>,
  );
}

/** The buttons that can be used, by what is written on them. */
const usable = () =>
  screen
    .getAllByRole('button')
    .filter((button) => button.closest('.host-commands') !== null)
    .filter((button) => button.getAttribute('aria-disabled') !== 'true')
    .map((button) => button.textContent?.replace(/Space$|S$|[+−]$/, ''));
const press = (key: string, target: Element | Document = document) =>
  act(async () => fireEvent.keyDown(target, { key }));
const button = (name: RegExp) => screen.getByRole('button', { name });

describe('the buttons of a host', () => {
  it.each<[Phase, string[]]>([
    ['idle', ['Start']],
    ['lead-in', ['−10 s', '+10 s', 'Stop']],
    ['open', ['Pause', '−10 s', '+10 s', 'Stop']],
    ['paused', ['Resume', '−10 s', '+10 s', 'Stop']],
    ['closed', ['Start']],
  ])('while %s are %j', (phase, buttons) => {
    show(phase);
    expect(usable()).toEqual(buttons);
  });

  it.each<Connection>(['connecting', 'reconnecting'])('cannot be used while %s', async (connection) => {
    show('open', connection);
    expect(usable()).toEqual([]);
    await act(async () => fireEvent.click(button(/^Pause/)));
    await press(' ');
    expect(sent).toEqual([]);
  });

  it('send what they say, and stay where they are when they go off', async () => {
    show('open');
    for (const name of [/^−10 s/, /^\+10 s/, /^\+10 s/, /^Pause/, /^Stop/]) {
      await act(async () => fireEvent.click(button(name)));
    }
    expect(sent).toEqual(['extend -10000', 'extend 10000', 'extend 10000', 'pause', 'stop']);
  });

  it('send a pause once, however often it is clicked or pressed while it is on its way', async () => {
    show('open');
    await act(async () => {
      fireEvent.keyDown(document, { key: ' ' });
      fireEvent.keyDown(document, { key: ' ' });
    });
    await act(async () => fireEvent.click(button(/^Pause/)));
    await press(' ');
    expect(sent).toEqual(['pause']);
  });

  it('start the chosen question and go on to the next one only when it was started', async () => {
    answer = async () => undefined as never;
    show('closed');
    await act(async () => fireEvent.click(button(/^Start/)));
    expect([sent, started]).toEqual([['start "q-1"'], ['q-1']]);
  });

  it('say why something was refused', async () => {
    answer = async () => {
      throw new QuizbellError({ code: 'question_active', message: 'x', retryable: false });
    };
    show('closed');
    await act(async () => fireEvent.click(button(/^Start/)));
    expect(screen.getByText('A question is already running.')).toBeTruthy();
    expect(started).toEqual([]);
  });
});

describe('the keys of a host', () => {
  it('do what the buttons do', async () => {
    show('open');
    for (const key of [' ', '+', '-', 's']) await press(key);
    expect(sent).toEqual(['pause', 'extend 10000', 'extend -10000', 'stop']);
  });

  it('are left to whatever has the focus and wants them', async () => {
    show('open');
    const field = document.createElement('input');
    document.body.append(field);
    await press(' ', button(/^Stop/));
    await press('s', field);
    field.remove();
    expect(sent).toEqual([]);
    await press('s', button(/^Pause/));
    expect(sent).toEqual(['stop']);
  });
});

describe('the question', () => {
  it('is the one being played, with how many have answered', () => {
    show('open');
    expect(screen.getByText('Being played?')).toBeTruthy();
    expect(screen.getByText('1 of 3 players answered')).toBeTruthy();
  });

  it('is the one that comes next, when none is being played', () => {
    show('closed');
    expect(screen.getByText('Why?')).toBeTruthy();
    expect(screen.queryByText('Being played?')).toBeNull();
  });
});
