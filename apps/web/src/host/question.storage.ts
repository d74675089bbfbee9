import { ID_PATTERN } from '#libs/protocol/wire';
import type { WebStore } from '../room/seat.storage.js';
import { problemsOf, type QuizQuestion } from './question.list.js';

const LIST_KEY = 'quizbell.questions';
const PLAN_PREFIX = 'quizbell.plan.';

/** How far the list has been played in one room. */
export interface RoomPlan {
  /** The question to start next; null until somebody has chosen or played one. */
  readonly selected: string | null;
  readonly played: readonly string[];
}

const NO_PLAN: RoomPlan = { selected: null, played: [] };

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

function readChoice(value: unknown): { readonly id: string; readonly text: string } | null {
  if (!isRecord(value)) return null;
  const { id, text } = value;
  return typeof id === 'string' && typeof text === 'string' ? { id, text } : null;
}

function readQuestion(value: unknown): QuizQuestion | null {
  if (!isRecord(value)) return null;
  const { id, text, choices, correct, seconds, leadInSeconds, graceSeconds } = value;
  if (typeof id !== 'string' || !ID_PATTERN.test(id) || typeof text !== 'string' || !Array.isArray(choices)) {
    return null;
  }
  if (typeof seconds !== 'number' || typeof leadInSeconds !== 'number' || typeof graceSeconds !== 'number') {
    return null;
  }
  const read = choices.map(readChoice).filter((choice) => choice !== null);
  const right = read.some((choice) => choice.id === correct) ? (correct as string) : null;
  const question = { id, text, choices: read, correct: right, seconds, leadInSeconds, graceSeconds };
  return problemsOf(question) === null ? question : null;
}

/** A stored list; null if none was stored. Whatever in it could not be played is left out. Never throws. */
export function readQuestions(text: string | null): readonly QuizQuestion[] | null {
  const list = parsed(text);
  if (!Array.isArray(list)) return null;
  const questions = list.map(readQuestion).filter((question) => question !== null);
  return questions.filter((question, place) => questions.findIndex(({ id }) => id === question.id) === place);
}

/** The questions of this browser's host, for all of their rooms, and how far each room is. */
export class QuestionStorage {
  constructor(private readonly store: WebStore) {}

  /** Null if none was ever stored; an emptied list is a list. */
  questions(): readonly QuizQuestion[] | null {
    return readQuestions(this.store.getItem(LIST_KEY));
  }

  keepQuestions(questions: readonly QuizQuestion[]): void {
    this.store.setItem(LIST_KEY, JSON.stringify(questions));
  }

  plan(roomId: string): RoomPlan {
    const plan = parsed(this.store.getItem(PLAN_PREFIX + roomId));
    if (!isRecord(plan)) return NO_PLAN;
    const { selected, played } = plan;
    return {
      selected: typeof selected === 'string' ? selected : null,
      played: Array.isArray(played) ? played.filter((id) => typeof id === 'string') : [],
    };
  }

  keepPlan(roomId: string, plan: RoomPlan): void {
    this.store.setItem(PLAN_PREFIX + roomId, JSON.stringify(plan));
  }

  forgetPlan(roomId: string): void {
    this.store.removeItem(PLAN_PREFIX + roomId);
  }
}
