import { useMessages } from '../i18n/use.messages.js';
import type { Choice } from '../room/question.content.js';
import { CheckIcon } from '../ui/icons.js';
import { ChoiceMark } from '../ui/index.js';

/** The choices of a question as its host sees them: with the right one marked. */
export function ChoiceList({
  choices,
  correct,
}: {
  readonly choices: readonly Choice[];
  readonly correct: string | null;
}) {
  const { host } = useMessages();
  if (choices.length === 0) return null;
  return (
    <ol className="host-choices">
      {choices.map(({ id, text }, index) => (
        <li key={id}>
          <ChoiceMark index={index} isNamed />
          <span>{text}</span>
          {id === correct && (
            <span className="host-right">
              <CheckIcon />
              <span className="qb-unseen">{host.form.right}</span>
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}
