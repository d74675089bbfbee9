import { useMessages } from '../i18n/use.messages.js';
import type { Choice } from '../room/question.content.js';
import { CheckIcon, CrossIcon, HourglassIcon } from '../ui/icons.js';
import { ChoiceMark, type Tone } from '../ui/index.js';

interface ChoiceButtonsProps {
  readonly choices: readonly Choice[];
  /** Whether they are only letters, because the question's own are shown elsewhere. */
  readonly isPad: boolean;
  /** Whether a tap is sent. */
  readonly isOpen: boolean;
  /** The player's own; null if there is none. */
  readonly chosen: string | null;
  /** How the chosen one was judged; null while it is not. */
  readonly chosenTone: Tone | null;
  readonly isPending: boolean;
  /** What is said on the chosen one until it is judged. */
  readonly pendingText: string;
  readonly onChoose: (id: string) => void;
}

/** The choices as targets for thumbs. They stay focusable when they are off: nobody loses their place at the deadline. */
export function ChoiceButtons({
  choices,
  isPad,
  isOpen,
  chosen,
  chosenTone,
  isPending,
  pendingText,
  onChoose,
}: ChoiceButtonsProps) {
  const { play } = useMessages();
  return (
    <ul className="play-choices" aria-label={play.choices} data-count={choices.length} data-pad={isPad}>
      {choices.map(({ id, text }, index) => {
        const isOwn = id === chosen;
        return (
          <li key={id}>
            <button
              type="button"
              className="play-choice"
              data-mark={index % 6}
              data-own={isOwn || undefined}
              data-tone={(isOwn && chosenTone) || undefined}
              aria-pressed={isOwn}
              aria-disabled={!isOpen || undefined}
              aria-busy={(isOwn && isPending) || undefined}
              onClick={() => onChoose(id)}
            >
              <ChoiceMark index={index} isNamed={isPad} />
              {!isPad && <span className="play-choice-text">{text}</span>}
              {isOwn && (
                <span className="play-choice-state">
                  {iconOf(isPending, chosenTone)}
                  <span className="play-choice-state-text">{isPending ? pendingText : play.yourAnswer}</span>
                </span>
              )}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function iconOf(isPending: boolean, tone: Tone | null) {
  if (isPending) return <HourglassIcon />;
  return tone === 'bad' || tone === 'warn' ? <CrossIcon /> : <CheckIcon />;
}
