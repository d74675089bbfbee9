import type { ReactNode } from 'react';
import { useMessages } from '../i18n/use.messages.js';
import { BrandMark } from './brand.mark.js';
import { SettingsMenu } from './settings.menu.js';

const MAIN_ID = 'content';

/**
 * The frame of a page: a header with the name, what the page puts beside it (`aside`: its connection, its room) and the
 * settings; then the content.
 */
export function PageFrame({
  aside,
  className = '',
  children,
}: {
  readonly aside?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  const { common } = useMessages();
  return (
    <div className={`qb-page ${className}`}>
      <a className="qb-skip" href={`#${MAIN_ID}`}>
        {common.skipToContent}
      </a>
      <header className="qb-header">
        <a className="qb-brand" href="/" title={common.toStart}>
          <BrandMark />
          {common.appName}
        </a>
        <div className="qb-header-side">
          {aside}
          <SettingsMenu />
        </div>
      </header>
      <main className="qb-main" id={MAIN_ID} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
