import { useEffect, useState } from 'react';
import type { RoomState } from '#libs/client';
import { useMessages } from '../i18n/use.messages.js';
import { spacedPin } from '../landing/pin.text.js';
import { BrandMark, Button, ConnectionBadge } from '../ui/index.js';
import { SettingsMenu } from '../ui/settings.menu.js';
import { JoinCode } from './join.code.js';
import { joinAddress } from './screen.address.js';
import { GrowIcon, ShrinkIcon } from './screen.icons.js';

/** Beside the name: how to get in while a question is on, the connection, and what a person at the keyboard may want. */
export function ScreenHeader({ state }: { readonly state: RoomState }) {
  const { screen, common } = useMessages();
  const { me, question, presence, connection } = state;
  const showsJoin = me !== null && question !== null && question.phase !== 'idle' && connection !== 'ended';
  const address = me === null ? null : joinAddress(window.location.origin, me.pin);
  return (
    <header className="screen-header">
      <span className="qb-brand screen-brand">
        <BrandMark />
        {common.appName}
      </span>
      {showsJoin && address !== null && (
        <p className="screen-join-strip">
          <JoinCode address={address} />
          <span className="screen-join-strip-text">
            <span className="screen-join-strip-url">{address.short}</span>
            <span className="screen-join-strip-pin qb-digits">
              <span className="qb-unseen">{screen.pin} </span>
              {spacedPin(me.pin)}
            </span>
          </span>
        </p>
      )}
      <div className="qb-header-side">
        {presence !== null && showsJoin && (
          <span className="screen-count-small qb-digits">{screen.players(presence.players)}</span>
        )}
        <ConnectionBadge state={state} />
        <div className="screen-controls">
          <FullScreenButton />
          <SettingsMenu />
        </div>
      </div>
    </header>
  );
}

function FullScreenButton() {
  const { screen } = useMessages();
  const [isFull, setFull] = useState(document.fullscreenElement !== null);
  useEffect(() => {
    const look = () => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', look);
    return () => document.removeEventListener('fullscreenchange', look);
  }, []);
  if (!document.fullscreenEnabled) return null;
  const toggle = () => {
    const done = isFull ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    // Refused: the button still says how it is.
    done.catch(() => undefined);
  };
  return (
    <Button
      variant="quiet"
      size="icon"
      icon={isFull ? <ShrinkIcon /> : <GrowIcon />}
      aria-label={isFull ? screen.leaveFullScreen : screen.fullScreen}
      title={isFull ? screen.leaveFullScreen : screen.fullScreen}
      onClick={toggle}
    />
  );
}
