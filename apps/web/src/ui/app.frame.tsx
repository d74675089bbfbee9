import { Component, type ReactNode, useEffect } from 'react';
import { useMessages } from '../i18n/use.messages.js';
import { unlockSoundByGesture } from '../settings/cue.player.js';
import { Announcer } from './announcer.js';
import { Button } from './button.js';
import { Confirms } from './confirm.js';
import { PageFrame } from './page.frame.js';
import { Toasts } from './toasts.js';

/** What every page may use: announcements, toasts, confirmations, sound; and what is shown when a page fails. */
export function AppFrame({ children }: { readonly children: ReactNode }) {
  useEffect(() => unlockSoundByGesture(), []);
  return (
    <Announcer>
      <Toasts>
        <Confirms>
          <CrashBoundary>{children}</CrashBoundary>
        </Confirms>
      </Toasts>
    </Announcer>
  );
}

/** A page that failed says so, instead of being white. */
class CrashBoundary extends Component<{ readonly children: ReactNode }, { readonly hasFailed: boolean }> {
  override readonly state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? <CrashPage /> : this.props.children;
  }
}

function CrashPage() {
  const { crash, common } = useMessages();
  return (
    <PageFrame>
      <div className="qb-stack" role="alert">
        <h1>{crash.title}</h1>
        <p>{crash.text}</p>
        <div>
          <Button variant="primary" onClick={() => window.location.reload()}>
            {common.reload}
          </Button>
        </div>
      </div>
    </PageFrame>
  );
}
