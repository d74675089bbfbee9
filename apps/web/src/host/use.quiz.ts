import { useMemo, useState } from 'react';
import { useMessages } from '../i18n/use.messages.js';
import { usableStore } from '../room/seat.storage.js';
import { moved, nextAfter, type QuizQuestion, sampleQuestions, withQuestion } from './question.list.js';
import { QuestionStorage, type RoomPlan } from './question.storage.js';

/** The host's questions, and how far they have been played in this room. */
export interface Quiz {
  readonly questions: readonly QuizQuestion[];
  /** What starts next; null without questions. */
  readonly selected: QuizQuestion | null;
  readonly played: readonly string[];
  select(id: string): void;
  /** A question was started: what comes after it is next. */
  markStarted(id: string): void;
  save(question: QuizQuestion): void;
  remove(id: string): void;
  move(id: string, by: -1 | 1): void;
  /** Puts back a list as it was. */
  restore(questions: readonly QuizQuestion[]): void;
  addSamples(): void;
}

function selectedOf(questions: readonly QuizQuestion[], { selected, played }: RoomPlan): QuizQuestion | null {
  return (
    questions.find(({ id }) => id === selected) ??
    questions.find(({ id }) => !played.includes(id)) ??
    questions[0] ??
    null
  );
}

/** The questions as this browser keeps them; the samples, in the language of the page, as long as nobody changed any. */
export function useQuiz(roomId: string): Quiz {
  const messages = useMessages();
  const [storage] = useState(() => new QuestionStorage(usableStore(() => window.localStorage)));
  const [own, setOwn] = useState(() => storage.questions());
  const [plan, setPlan] = useState(() => storage.plan(roomId));
  return useMemo(() => {
    const samples = sampleQuestions(messages);
    const questions = own ?? samples;
    const keep = (next: readonly QuizQuestion[]) => {
      storage.keepQuestions(next);
      setOwn(next);
    };
    const go = (next: RoomPlan) => {
      storage.keepPlan(roomId, next);
      setPlan(next);
    };
    return {
      questions,
      selected: selectedOf(questions, plan),
      played: plan.played,
      select: (id) => go({ ...plan, selected: id }),
      markStarted: (id) =>
        go({
          selected: nextAfter(questions, id)?.id ?? id,
          played: [...plan.played.filter((one) => one !== id), id],
        }),
      save: (question) => keep(withQuestion(questions, question)),
      remove: (id) => keep(questions.filter((question) => question.id !== id)),
      move: (id, by) => keep(moved(questions, id, by)),
      restore: keep,
      addSamples: () => keep(samples.reduce<readonly QuizQuestion[]>(withQuestion, questions)),
    };
  }, [messages, storage, own, plan, roomId]);
}
