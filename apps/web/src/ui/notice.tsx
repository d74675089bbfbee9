import type { ComponentProps, ReactNode } from 'react';
import { CheckIcon, InfoIcon, WarningIcon } from './icons.js';

export type Tone = 'info' | 'good' | 'warn' | 'bad';

const ICONS: Readonly<Record<Tone, ReactNode>> = {
  info: <InfoIcon />,
  good: <CheckIcon />,
  warn: <WarningIcon />,
  bad: <WarningIcon />,
};

/** A message in its place on the page. `role="alert"` or `"status"` has it read out when it appears. */
export function Notice({
  tone = 'info',
  title,
  action,
  children,
  ...rest
}: Omit<ComponentProps<'div'>, 'title'> & {
  readonly tone?: Tone;
  readonly title?: string;
  readonly action?: ReactNode;
}) {
  return (
    <div {...rest} className={`qb-notice ${rest.className ?? ''}`} data-tone={tone}>
      {ICONS[tone]}
      <div className="qb-notice-body">
        {title !== undefined && <p className="qb-notice-title">{title}</p>}
        {children}
      </div>
      {action}
    </div>
  );
}
