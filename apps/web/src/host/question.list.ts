import type { StartQuestion } from '#libs/client';
import { LIMITS } from '#libs/protocol/wire';
import type { Messages } from '../i18n/en.js';

/** A question as its host has prepared it. Durations in whole seconds, as people think of them. */
export interface QuizQuestion {
  /** Its `questionId` in every room. */
  readonly id: string;
  readonly text: string;
  readonly choices: readonly { readonly id: string; readonly text: string }[];
  /** Id of the right choice; null for a poll. */
  readonly correct: string | null;
  readonly seconds: number;
  readonly leadInSeconds: number;
  readonly graceSeconds: number;
}

const MS_PER_SECOND = 1_000;

export const MIN_CHOICES = 2;
export const MAX_CHOICES = 6;

/** In seconds, both ends allowed. */
export const RANGES = {
  seconds: { min: 1, max: LIMITS.durationMs.max / MS_PER_SECOND },
  leadInSeconds: { min: LIMITS.leadInMs.min, max: LIMITS.leadInMs.max / MS_PER_SECOND },
  graceSeconds: { min: LIMITS.graceMs.min, max: LIMITS.graceMs.max / MS_PER_SECOND },
} as const;

const CHOICE_IDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

/** The id of a choice by its place. */
export function choiceId(index: number): string {
  return CHOICE_IDS[index] ?? `c${index}`;
}

/** The right ones among the samples' choices, and their seconds; the texts are in the dictionaries. */
const SAMPLES = [
  { id: 'sample-1', right: 1, seconds: 20 },
  { id: 'sample-2', right: 2, seconds: 20 },
  { id: 'sample-3', right: 1, seconds: 30 },
] as const;

/** Three questions that are ready to play, so that nobody begins with a form. */
export function sampleQuestions({ host }: Messages): readonly QuizQuestion[] {
  return SAMPLES.map(({ id, right, seconds }, index) => ({
    id,
    text: host.samples[index]?.text ?? '',
    choices: (host.samples[index]?.choices ?? []).map((text, place) => ({ id: choiceId(place), text })),
    correct: choiceId(right),
    seconds,
    leadInSeconds: 3,
    graceSeconds: 0,
  }));
}

export function newQuestion(id: string): QuizQuestion {
  const choices = [0, 1, 2, 3].map((place) => ({ id: choiceId(place), text: '' }));
  return { id, text: '', choices, correct: choiceId(0), seconds: 20, leadInSeconds: 3, graceSeconds: 0 };
}

/** What is wrong with a question that somebody has typed. */
export interface QuestionProblems {
  readonly text: 'missing' | 'too-long' | null;
  readonly choices: 'missing' | null;
  readonly seconds: boolean;
  readonly leadInSeconds: boolean;
  readonly graceSeconds: boolean;
}

function contentOf({ text, choices }: Pick<QuizQuestion, 'text' | 'choices'>) {
  return { text, choices: choices.map((choice) => ({ id: choice.id, text: choice.text })) };
}

function isOutside(range: { readonly min: number; readonly max: number }, value: number): boolean {
  return !Number.isInteger(value) || value < range.min || value > range.max;
}

/** Without spaces around texts and without empty choices. The right choice goes with its text, not with its place. */
export function tidied(question: QuizQuestion): QuizQuestion {
  const kept = question.choices
    .map(({ id, text }) => ({ id, text: text.trim() }))
    .filter(({ text }) => text !== '');
  const right = kept.findIndex(({ id }) => id === question.correct);
  return {
    ...question,
    text: question.text.trim(),
    choices: kept.map(({ text }, place) => ({ id: choiceId(place), text })),
    correct: right < 0 ? null : choiceId(right),
  };
}

/** What keeps a tidied question from being played; null for nothing. */
export function problemsOf(question: QuizQuestion): QuestionProblems | null {
  const bytes = new TextEncoder().encode(JSON.stringify(contentOf(question))).length;
  const isTooLong = bytes > LIMITS.contentBytes;
  const problems: QuestionProblems = {
    text: question.text === '' ? 'missing' : isTooLong ? 'too-long' : null,
    choices: question.choices.length < MIN_CHOICES ? 'missing' : null,
    seconds: isOutside(RANGES.seconds, question.seconds),
    leadInSeconds: isOutside(RANGES.leadInSeconds, question.leadInSeconds),
    graceSeconds: isOutside(RANGES.graceSeconds, question.graceSeconds),
  };
  return Object.values(problems).some((problem) => problem !== null && problem !== false) ? problems : null;
}

/** What `question:start` is sent for it. */
export function startOf(question: QuizQuestion): StartQuestion {
  return {
    questionId: question.id,
    durationMs: question.seconds * MS_PER_SECOND,
    leadInMs: question.leadInSeconds * MS_PER_SECOND,
    graceMs: question.graceSeconds * MS_PER_SECOND,
    content: contentOf(question),
    ...(question.correct === null ? {} : { correct: question.correct }),
  };
}

/** With `question` in the place of the one with its id, or at the end. */
export function withQuestion(list: readonly QuizQuestion[], question: QuizQuestion): readonly QuizQuestion[] {
  return list.some(({ id }) => id === question.id)
    ? list.map((one) => (one.id === question.id ? question : one))
    : [...list, question];
}

/** With the question one place further up (-1) or down (1); as it is at either end. */
export function moved(list: readonly QuizQuestion[], id: string, by: -1 | 1): readonly QuizQuestion[] {
  const from = list.findIndex((question) => question.id === id);
  const to = from + by;
  const question = list[from];
  if (question === undefined || to < 0 || to >= list.length) return list;
  const others = list.filter((one) => one.id !== id);
  return [...others.slice(0, to), question, ...others.slice(to)];
}

/** The one after `id`; null after the last one. */
export function nextAfter(list: readonly QuizQuestion[], id: string | null): QuizQuestion | null {
  const place = list.findIndex((question) => question.id === id);
  return list[place + 1] ?? null;
}
