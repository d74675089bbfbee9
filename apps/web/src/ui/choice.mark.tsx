import { useMessages } from '../i18n/use.messages.js';

const LETTERS = 'ABCDEFGHIJKL';

/** Circle, square, triangle, diamond, hexagon, pentagon; 40 x 40. */
const SHAPES = [
  <circle key="circle" data-shape cx="20" cy="20" r="18.5" />,
  <rect key="square" data-shape x="2.5" y="2.5" width="35" height="35" rx="5" />,
  <path key="triangle" data-shape d="M20 2.5 38.5 35a2 2 0 0 1-1.7 3H3.2a2 2 0 0 1-1.7-3z" />,
  <path
    key="diamond"
    data-shape
    d="M18.5 1.5a2 2 0 0 1 3 0l17 17a2 2 0 0 1 0 3l-17 17a2 2 0 0 1-3 0l-17-17a2 2 0 0 1 0-3z"
  />,
  <path key="hexagon" data-shape d="M11 3h18l9.5 17L29 37H11L1.5 20z" />,
  <path key="pentagon" data-shape d="M20 1.5 39 15.5 31.7 38H8.3L1 15.5z" />,
];

/** Where the letter's foot is, so that it looks centred in its shape. */
const BASELINES = [26, 26, 32, 26, 26, 28];

/** The letter of a choice, by its place from 0. */
export function choiceLetter(index: number): string {
  return LETTERS[index] ?? String(index + 1);
}

/**
 * The sign of a choice, by its place from 0: its own colour, shape and letter. More than six repeat colour and shape; the
 * letter is still its own. Decorative, unless `isNamed` has screen readers say it.
 */
export function ChoiceMark({
  index,
  isNamed = false,
}: {
  readonly index: number;
  readonly isNamed?: boolean;
}) {
  const { choice } = useMessages();
  const kind = index % SHAPES.length;
  const letter = choiceLetter(index);
  const naming = isNamed
    ? { role: 'img', 'aria-label': choice.mark(letter, choice.shapes[kind] ?? '') }
    : { 'aria-hidden': true };
  return (
    <span className="qb-mark" data-mark={kind} {...naming}>
      <svg viewBox="0 0 40 40" focusable="false" aria-hidden="true">
        {SHAPES[kind]}
        <text x="20" y={BASELINES[kind]}>
          {letter}
        </text>
      </svg>
    </span>
  );
}
