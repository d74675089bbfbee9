import { type ReactNode, useEffect, useRef } from 'react';
import { CheckIcon, CrossIcon, HourglassIcon, InfoIcon, WarningIcon } from '../ui/icons.js';
import { type Tone, useAnnounce } from '../ui/index.js';
import type { AnswerPanel } from './answer.panel.js';

const ICONS: Readonly<Record<Tone, ReactNode>> = {
  good: <CheckIcon />,
  bad: <CrossIcon />,
  warn: <WarningIcon />,
  info: <InfoIcon />,
};

/** What is said about the answer, always in the same place; news is read out once. */
export function StatusPanel({
  panel,
  isOver,
}: {
  readonly panel: AnswerPanel;
  /** Whether it may lie over the choices: none of them can be tapped. */
  readonly isOver: boolean;
}) {
  const { tone, title, lines, isNews } = panel;
  const announce = useAnnounce();
  const text = spoken([title, ...lines]);
  const said = useRef<string | null>(null);
  useEffect(() => {
    if (isNews && said.current !== text) announce(text);
    said.current = isNews ? text : null;
  }, [announce, isNews, text]);
  return (
    <div className="play-status" data-tone={tone ?? undefined} data-over={isOver}>
      <span className="play-status-icon">{tone === null ? <HourglassIcon /> : ICONS[tone]}</span>
      <div>
        <p className="play-status-title">{title}</p>
        {lines.map((line) => (
          <p key={line} className="qb-digits">
            {line}
          </p>
        ))}
      </div>
    </div>
  );
}

/** As sentences: without an end, a screen reader would run one into the next. */
function spoken(parts: readonly string[]): string {
  return parts.map((part) => (/[.!?…]$/.test(part) ? part : `${part}.`)).join(' ');
}
