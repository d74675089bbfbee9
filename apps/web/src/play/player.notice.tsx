import type { RoomState } from '#libs/client';
import type { Messages } from '../i18n/en.js';
import { useMessages } from '../i18n/use.messages.js';
import { connectionKind } from '../ui/connection.view.js';
import { Notice } from '../ui/index.js';

function noticeText(state: RoomState, { play }: Messages): string | null {
  // Before the first join the page itself says what it is waiting for.
  if (state.question === null) return null;
  const isActive = state.question.phase === 'lead-in' || state.question.phase === 'open';
  switch (connectionKind(state)) {
    case 'reconnecting':
      return play.offline;
    case 'syncing':
      return play.syncing;
    case 'host-away':
      return isActive ? play.hostGone : play.hostGoneIdle;
    default:
      return null;
  }
}

/** What a player has to know about how far the page can be trusted, while there is something. The badge has it read out. */
export function PlayerNotice({ state }: { readonly state: RoomState }) {
  const text = noticeText(state, useMessages());
  return (
    <div className="play-notice" hidden={text === null}>
      {text !== null && (
        <Notice tone="warn">
          <p>{text}</p>
        </Notice>
      )}
    </div>
  );
}
