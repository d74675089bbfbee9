import { useState } from 'react';
import type { AnswerResult, Room, RoomState, Snapshot } from '#libs/client';
import { useAnswer } from '#libs/client/react';
import type { Messages } from '../i18n/en.js';
import { useMessages } from '../i18n/use.messages.js';
import { answerChoices, isPad, readContent } from '../room/question.content.js';
import { useShownQuestion } from '../room/shown.phase.js';
import { CountdownRing } from '../ui/index.js';
import { type AnswerSituation, answerPanel, canAnswer, markedChoice } from './answer.panel.js';
import { ChoiceButtons } from './choice.buttons.js';
import { StatusPanel } from './status.panel.js';
import { TimeChip } from './time.chip.js';
import type { VerdictMemory } from './verdict.memory.js';

/** What this page did for one run, besides what the room knows of it. */
interface Tap {
  readonly runId: number | null;
  readonly choice: string;
  readonly result: AnswerResult | null;
}

/** Sends a tap, and puts together all that the page knows of the answer. */
function useTapping(room: Room, state: RoomState, question: Snapshot, memory: VerdictMemory) {
  const answer = useAnswer(room);
  const [tap, setTap] = useState<Tap | null>(null);
  const own = tap?.runId === question.runId ? tap : null;
  const content = readContent(question.content);
  const standing = answer.result ?? memory.of(question.runId);
  const isChange =
    own?.result != null && standing?.verdict === 'accepted' && own.result.verdict !== 'accepted';
  const situation: AnswerSituation = {
    question,
    connection: state.connection,
    isPad: isPad(content),
    pendingChoice: answer.isPending ? (own?.choice ?? '') : null,
    standing,
    refusedChange: isChange ? own.result : null,
    error: answer.error,
  };
  const choose = (choice: string) => {
    if (!canAnswer(situation)) return;
    const { runId } = question;
    setTap({ runId, choice, result: null });
    void answer.submit(choice).then((result) => {
      if (result !== null && runId !== null) memory.keep(result, runId);
      setTap((last) => (last?.runId === runId && last.choice === choice ? { ...last, result } : last));
    });
  };
  return { content, situation, choose };
}

/** A question from its lead-in to its end, and the player's answer to it. */
export function QuestionView({
  room,
  state,
  question: known,
  memory,
}: {
  readonly room: Room;
  readonly state: RoomState;
  readonly question: Snapshot;
  readonly memory: VerdictMemory;
}) {
  const messages = useMessages();
  const question = useShownQuestion(room, known);
  const { content, situation, choose } = useTapping(room, state, question, memory);
  const { phase } = question;
  const panel = answerPanel(situation, messages);
  return (
    <article className="play-question" data-phase={phase}>
      <QuestionHead room={room} text={content.text} kicker={kickerOf(question, messages)} />
      {phase !== 'lead-in' && (
        <ChoiceButtons
          choices={answerChoices(content)}
          isPad={situation.isPad}
          isOpen={canAnswer(situation)}
          chosen={markedChoice(situation)}
          chosenTone={situation.pendingChoice === null ? panel.tone : null}
          isPending={situation.pendingChoice !== null}
          pendingText={panel.title}
          onChoose={choose}
        />
      )}
      {phase !== 'lead-in' && (
        <StatusPanel key={question.runId} panel={panel} isOver={!canAnswer(situation)} />
      )}
      {phase === 'closed' && <p className="play-next qb-soft">{messages.play.nextSoon}</p>}
    </article>
  );
}

/** Without a text, what happens to the question is all there is to say. */
function QuestionHead({
  room,
  text,
  kicker,
}: {
  readonly room: Room;
  readonly text: string | null;
  readonly kicker: string;
}) {
  const [ring, setRing] = useState<HTMLElement | null>(null);
  const length = lengthOf(text);
  return (
    <div className="play-head" data-length={length}>
      <div className="play-ring" ref={setRing}>
        <CountdownRing room={room} />
      </div>
      <div className="play-ask">
        {text !== null && <p className="play-kicker">{kicker}</p>}
        <h1 className="play-text" tabIndex={-1} data-length={length}>
          {text ?? kicker}
        </h1>
      </div>
      <TimeChip room={room} ring={ring} />
    </div>
  );
}

/** What is happening to the question. */
function kickerOf({ phase, reason }: Snapshot, { play }: Messages): string {
  if (phase === 'lead-in') return play.leadIn;
  if (phase === 'paused') return play.pausedTitle;
  if (phase !== 'closed') return play.question;
  if (reason === 'expired') return play.expiredTitle;
  return reason === 'stopped' ? play.stoppedTitle : play.closedTitle;
}

const SHORT = 60;
const MEDIUM = 160;

/** How long a question is, for the size of its letters. */
function lengthOf(text: string | null): 'short' | 'medium' | 'long' {
  const length = text?.length ?? 0;
  if (length <= SHORT) return 'short';
  return length <= MEDIUM ? 'medium' : 'long';
}
