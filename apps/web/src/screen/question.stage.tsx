import type { Room, RoomState, Snapshot } from '#libs/client';
import type { Messages } from '../i18n/en.js';
import { useMessages } from '../i18n/use.messages.js';
import { type QuestionContent, readContent } from '../room/question.content.js';
import { useShownQuestion } from '../room/shown.phase.js';
import { useResults } from '../room/use.results.js';
import { ChoiceMark, CountdownRing } from '../ui/index.js';
import { useFitText } from './fit.text.js';
import { ResultsChart } from './results.chart.js';

/** A question as everybody in the hall sees it: text, choices, the time, and how many have answered; then the results. */
export function QuestionStage({
  room,
  state,
  question: known,
  token,
}: {
  readonly room: Room;
  readonly state: RoomState;
  readonly question: Snapshot;
  readonly token: string;
}) {
  const messages = useMessages();
  const question = useShownQuestion(room, known);
  const content = readContent(question.content);
  const results = useResults(room, question, token);
  const { phase } = question;
  const isClosed = phase === 'closed';
  return (
    <article
      className="screen-question"
      data-phase={phase}
      data-bare={content.text === null && content.choices.length === 0}
    >
      <QuestionText text={content.text} kicker={kickerOf(question, messages)} />
      <aside className="screen-side">
        <div className="screen-ring">
          <CountdownRing room={room} />
        </div>
        {phase !== 'lead-in' && (
          <AnswersCount
            count={results.kind === 'results' ? results.results.answered : (state.answersCount ?? 0)}
            players={isClosed ? null : (state.presence?.players ?? null)}
          />
        )}
      </aside>
      {isClosed ? (
        <ResultsChart content={content} results={results} />
      ) : (
        <Choices content={content} isHidden={phase === 'lead-in'} />
      )}
    </article>
  );
}

/** Without a text, what happens to the question is all there is to say. */
function QuestionText({ text, kicker }: { readonly text: string | null; readonly kicker: string }) {
  const box = useFitText<HTMLDivElement>(text ?? kicker);
  return (
    <div className="screen-ask">
      {text !== null && <p className="screen-kicker">{kicker}</p>}
      <div className="screen-text" ref={box}>
        <h1>{text ?? kicker}</h1>
      </div>
    </div>
  );
}

function Choices({ content, isHidden }: { readonly content: QuestionContent; readonly isHidden: boolean }) {
  const { screen } = useMessages();
  const { choices } = content;
  const box = useFitText<HTMLUListElement>(isHidden ? '' : JSON.stringify(choices));
  // In the lead-in everybody reads the question; the choices come for all at the same instant.
  if (isHidden || choices.length === 0) return <div className="screen-choices" />;
  return (
    <ul className="screen-choices" ref={box} aria-label={screen.choices} data-count={choices.length}>
      {choices.map(({ id, text }, index) => (
        <li key={id} className="screen-choice" data-mark={index % 6}>
          <ChoiceMark index={index} />
          <span>{text}</span>
        </li>
      ))}
    </ul>
  );
}

/** Who has answered and left is counted as an answer, but not as present: then only the answers are told. */
function AnswersCount({ count, players }: { readonly count: number; readonly players: number | null }) {
  const { screen } = useMessages();
  return (
    <p className="screen-answers">
      <span className="screen-answers-number qb-digits">
        {players === null || players < count ? screen.number(count) : screen.answered(count, players)}
      </span>
      <span className="screen-answers-label">{screen.answersLabel}</span>
    </p>
  );
}

function kickerOf({ phase, reason }: Snapshot, { play, screen }: Messages): string {
  if (phase === 'lead-in') return play.leadIn;
  if (phase === 'paused') return screen.paused;
  if (phase !== 'closed') return screen.question;
  if (reason === 'expired') return play.expiredTitle;
  return reason === 'stopped' ? play.stoppedTitle : play.closedTitle;
}
