import { useMessages } from '../i18n/use.messages.js';
import type { QuestionContent } from '../room/question.content.js';
import { type ResultBar, resultBars } from '../room/results.reader.js';
import type { ResultsState } from '../room/use.results.js';
import { CheckIcon } from '../ui/icons.js';
import { ChoiceMark } from '../ui/index.js';
import { useFitText } from './fit.text.js';

/** A bar per choice; the right one has a sign and a frame besides its colour. */
export function ResultsChart({
  content,
  results,
}: {
  readonly content: QuestionContent;
  readonly results: ResultsState;
}) {
  const { screen } = useMessages();
  const bars =
    results.kind === 'results'
      ? resultBars(content.choices, results.results)
      : resultBars(content.choices, { runId: 0, answered: 0, choices: [] });
  const box = useFitText<HTMLElement>(JSON.stringify(bars));
  return (
    <section className="screen-choices screen-results" ref={box} aria-label={screen.results}>
      {results.kind === 'settling' && <p className="screen-settling">{screen.settling}</p>}
      {(results.kind === 'none' || (results.kind === 'results' && bars.length === 0)) && (
        <p className="screen-settling">{screen.noResults}</p>
      )}
      <ul className="screen-bars" data-settled={results.kind === 'results'}>
        {bars.map((bar) => (
          <Bar key={bar.key} bar={bar} isSettled={results.kind === 'results'} />
        ))}
      </ul>
    </section>
  );
}

function Bar({ bar, isSettled }: { readonly bar: ResultBar; readonly isSettled: boolean }) {
  const { screen } = useMessages();
  const { text, index, count, share, isRight } = bar;
  return (
    <li
      className="screen-bar"
      data-mark={index === null ? 'none' : index % 6}
      data-right={isSettled && isRight !== null ? isRight : undefined}
    >
      {index === null ? <span className="screen-bar-no-mark" /> : <ChoiceMark index={index} />}
      <div className="screen-bar-body">
        <p className="screen-bar-text">
          {text}
          {isSettled && isRight === true && (
            <span className="screen-bar-right">
              <CheckIcon />
              {screen.right}
            </span>
          )}
        </p>
        <div className="screen-bar-track" aria-hidden="true">
          <div className="screen-bar-fill" style={{ transform: `scaleX(${isSettled ? share : 0})` }} />
        </div>
      </div>
      <p className="screen-bar-count qb-digits">
        {isSettled && (
          <>
            <span className="screen-bar-number">{screen.number(count)}</span>
            <span className="screen-bar-share">{screen.percent(share)}</span>
          </>
        )}
      </p>
    </li>
  );
}
