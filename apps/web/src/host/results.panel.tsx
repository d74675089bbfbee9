import type { Room, Snapshot } from '#libs/client';
import { useMessages } from '../i18n/use.messages.js';
import { type QuestionContent, readContent } from '../room/question.content.js';
import { type ResultBar, type RoomResults, resultBars } from '../room/results.reader.js';
import { useResults } from '../room/use.results.js';
import { CheckIcon } from '../ui/icons.js';
import { Card, ChoiceMark } from '../ui/index.js';

/** How many chose what, of the question that was played last. */
export function ResultsPanel({
  room,
  question,
  token,
}: {
  readonly room: Room;
  readonly question: Snapshot;
  readonly token: string;
}) {
  const { host } = useMessages();
  const state = useResults(room, question, token);
  const content = readContent(question.content);
  return (
    <Card title={host.resultsTitle} className="host-results">
      {content.text !== null && <p className="host-text">{content.text}</p>}
      {state.kind === 'settling' && <p role="status">{host.resultsSettling}</p>}
      {state.kind === 'none' && <p role="status">{host.resultsNone}</p>}
      {state.kind === 'results' && <Bars content={content} results={state.results} />}
    </Card>
  );
}

function Bars({ content, results }: { readonly content: QuestionContent; readonly results: RoomResults }) {
  const { host } = useMessages();
  return (
    <>
      <ul className="host-bars">
        {resultBars(content.choices, results).map((bar) => (
          <Bar key={bar.key} bar={bar} />
        ))}
      </ul>
      <p className="qb-soft">{host.resultsAnswered(results.answered)}</p>
    </>
  );
}

function Bar({ bar }: { readonly bar: ResultBar }) {
  const { host } = useMessages();
  const { text, index, count, share, isRight } = bar;
  return (
    <li data-right={isRight === true || undefined}>
      {index !== null && <ChoiceMark index={index} />}
      <div className="host-bar-body">
        <p>
          {host.resultsRow(text, count, share)}
          {isRight === true && (
            <span className="host-right">
              <CheckIcon />
              {host.resultsRight}
            </span>
          )}
        </p>
        <div className="host-bar" aria-hidden="true">
          <div style={{ transform: `scaleX(${share})` }} />
        </div>
      </div>
    </li>
  );
}
