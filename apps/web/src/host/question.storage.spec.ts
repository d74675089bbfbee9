import { beforeEach, describe, expect, it } from '@jest/globals';
import { memoryStore, type WebStore } from '../room/seat.storage.js';
import { newQuestion, type QuizQuestion } from './question.list.js';
import { QuestionStorage, readQuestions } from './question.storage.js';

const question = (id: string): QuizQuestion => ({
  ...newQuestion(id),
  text: 'Why?',
  choices: [
    { id: 'a', text: 'Yes' },
    { id: 'b', text: 'No' },
  ],
});

let store: WebStore;
let storage: QuestionStorage;
beforeEach(() => {
  store = memoryStore();
  storage = new QuestionStorage(store);
});

describe('stored questions', () => {
  it('are the same after a reload', () => {
    storage.keepQuestions([question('q-1'), question('q-2')]);
    expect(new QuestionStorage(store).questions()).toEqual([question('q-1'), question('q-2')]);
  });

  it('are none, and not the samples, once somebody has removed them all', () => {
    expect(storage.questions()).toBeNull();
    storage.keepQuestions([]);
    expect(storage.questions()).toEqual([]);
  });

  it('leave out what could not be played', () => {
    const broken = [
      { ...question('q-2'), seconds: 0 },
      { ...question('q-3'), choices: [] },
      { ...question('q-4'), text: 7 },
      { ...question('no good id') },
      { ...question('q-5'), choices: 'ab' },
      null,
      'q',
    ];
    expect(readQuestions(JSON.stringify([question('q-1'), ...broken]))).toEqual([question('q-1')]);
  });

  it('have every id once', () => {
    const twice = [question('q-1'), { ...question('q-1'), text: 'Again?' }];
    expect(readQuestions(JSON.stringify(twice))).toEqual([question('q-1')]);
  });

  it('know no right choice that is none of the choices', () => {
    expect(readQuestions(JSON.stringify([{ ...question('q-1'), correct: 'z' }]))?.[0]?.correct).toBeNull();
  });

  it.each([null, '', '{', '{}', '7', '"list"'])('are none where something else is stored: %s', (text) => {
    expect(readQuestions(text)).toBeNull();
  });
});

describe('how far a room is', () => {
  it('is kept for each room', () => {
    storage.keepPlan('room-1', { selected: 'q-2', played: ['q-1'] });
    expect(storage.plan('room-1')).toEqual({ selected: 'q-2', played: ['q-1'] });
    expect(storage.plan('room-2')).toEqual({ selected: null, played: [] });
    storage.forgetPlan('room-1');
    expect(storage.plan('room-1')).toEqual({ selected: null, played: [] });
  });

  it('is nowhere where something else is stored', () => {
    store.setItem('quizbell.plan.room-1', '{"selected":7,"played":["q-1",null,{}]}');
    expect(storage.plan('room-1')).toEqual({ selected: null, played: ['q-1'] });
    store.setItem('quizbell.plan.room-1', '[]');
    expect(storage.plan('room-1')).toEqual({ selected: null, played: [] });
  });
});
