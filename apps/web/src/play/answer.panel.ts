import type { AnswerResult, OwnAnswer, QuizbellError, RoomState, Snapshot } from '#libs/client';
import type { Messages } from '../i18n/en.js';
import { type AnswerFacts, answerFacts, answerTrouble } from '../room/answer.facts.js';
import type { Tone } from '../ui/notice.js';

/** What a player's page knows of the answer to the question that it shows. */
export interface AnswerSituation {
  readonly question: Snapshot;
  readonly connection: RoomState['connection'];
  /** Whether the question brought no choices that the page could show. */
  readonly isPad: boolean;
  /** What was tapped last and has no verdict yet. */
  readonly pendingChoice: string | null;
  /** What counts, or was judged last. */
  readonly standing: AnswerResult | OwnAnswer | null;
  /** The verdict of the last tap, if it differs from what stands: a change that came too late. */
  readonly refusedChange: AnswerResult | null;
  /** Why the last tap got no verdict. */
  readonly error: QuizbellError | null;
}

/** What the page says about the answer: always one of these, in the same place. */
export interface AnswerPanel {
  /** Null: only a hint. */
  readonly tone: Tone | null;
  readonly title: string;
  readonly lines: readonly string[];
  /** Whether a screen reader says it when it appears. */
  readonly isNews: boolean;
}

const news = (tone: Tone, title: string, ...lines: string[]): AnswerPanel => ({
  tone,
  title,
  lines,
  isNews: true,
});
const hint = (title: string, ...lines: string[]): AnswerPanel => ({
  tone: null,
  title,
  lines,
  isNews: false,
});

/** After these, no other answer to the same run can be accepted; without `mayChangeAnswer` also after an accepted one. */
const FINAL: ReadonlySet<string> = new Set(['duplicate', 'not_eligible']);

/** Whether a tap would be sent. */
export function canAnswer({ question, pendingChoice, standing }: AnswerSituation): boolean {
  if (question.phase !== 'open' || pendingChoice !== null) return false;
  if (standing === null) return true;
  if (standing.verdict === 'accepted') return question.mayChangeAnswer === true;
  return !FINAL.has(standing.verdict);
}

/** The choice that is marked as the player's own; null where nobody knows it. */
export function markedChoice({ pendingChoice, standing }: AnswerSituation): string | null {
  if (pendingChoice !== null) return pendingChoice;
  // The choice of a duplicate is the second one, which does not stand.
  if (standing === null || standing.verdict === 'duplicate') return null;
  return typeof standing.choice === 'string' ? standing.choice : null;
}

/** A verdict in words. */
export function verdictPanel(facts: AnswerFacts, { play }: Messages): AnswerPanel {
  switch (facts.kind) {
    case 'accepted': {
      const { elapsedMs, leftMs } = facts;
      const left = leftMs === null ? [] : [leftMs === 0 ? play.inGrace : play.inTime(leftMs)];
      return news('good', play.acceptedTitle, ...left, play.acceptedAfter(elapsedMs));
    }
    case 'late':
      return news('bad', play.lateTitle, play.lateBy(facts.lateByMs));
    case 'duplicate':
      return news('info', play.duplicateTitle, play.duplicate);
    case 'not_open':
      return news('bad', play.notOpenTitle, play.notOpen);
    case 'paused':
      return news('warn', play.pausedTitle, play.pausedAnswer);
    case 'wrong_question':
      return news('warn', play.wrongQuestionTitle, play.wrongQuestion);
    case 'not_eligible':
      return news('info', play.notEligibleTitle, play.notEligible);
    case 'unknown':
      return news('info', play.unknownTitle, play.unknown);
    default:
      return facts satisfies never;
  }
}

function troublePanel(error: QuizbellError, { play }: Messages): AnswerPanel {
  const trouble = answerTrouble(error);
  if (trouble === 'slow-down') return news('warn', play.noVerdictTitle, play.slowDown);
  return trouble === 'try-again'
    ? news('warn', play.noVerdictTitle, play.tryAgain)
    : news('bad', play.noVerdictTitle, play.refused);
}

function judgedPanel(situation: AnswerSituation, messages: Messages): AnswerPanel | null {
  const { question, standing, refusedChange } = situation;
  // Only the room's own record of an answer names its run; what this page just sent was to the run that it shows.
  const facts = (answer: AnswerResult | OwnAnswer) =>
    answerFacts({ ...answer, runId: question.runId ?? 0 }, question);
  if (refusedChange !== null) {
    const panel = verdictPanel(facts(refusedChange), messages);
    return { ...panel, lines: [...panel.lines, messages.play.earlierStands] };
  }
  if (standing === null) return null;
  const panel = verdictPanel(facts(standing), messages);
  const mayChange = standing.verdict === 'accepted' && canAnswer(situation);
  return mayChange ? { ...panel, lines: [...panel.lines, messages.play.mayChange] } : panel;
}

/** What is said while there is neither an answer nor trouble with one. */
function hintPanel({ question, isPad }: AnswerSituation, { play }: Messages): AnswerPanel {
  switch (question.phase) {
    case 'open':
      if (isPad) return hint(play.lookAtScreen);
      return hint(question.mayChangeAnswer === true ? play.chooseChangeable : play.choose);
    case 'paused':
      return hint(play.paused);
    case 'closed':
      return hint(play.noAnswer);
    default:
      return hint(play.leadIn);
  }
}

/** The one message about the answer, by what matters most: on its way, in trouble, judged, or still to be given. */
export function answerPanel(situation: AnswerSituation, messages: Messages): AnswerPanel {
  const { play } = messages;
  const { pendingChoice, connection, error } = situation;
  if (pendingChoice !== null) {
    return connection === 'joined'
      ? { ...hint(play.sending, play.sendingLong), tone: 'info' }
      : news('warn', play.notSentTitle, play.sendingOffline);
  }
  if (error !== null) return troublePanel(error, messages);
  return judgedPanel(situation, messages) ?? hintPanel(situation, messages);
}
