import { type ReactNode, useEffect, useState } from 'react';
import type { Room, RoomState } from '#libs/client';
import { useRoom } from '#libs/client/react';
import { tokenOf } from '../app/page.route.js';
import { useMessages } from '../i18n/use.messages.js';
import { endFacts, viewOf } from '../room/room.view.js';
import { usableStore } from '../room/seat.storage.js';
import { useWakeLock } from '../room/wake.lock.js';
import { Button, ButtonLink, PageFrame, useCountdownCues } from '../ui/index.js';
import { useIdleCursor } from './idle.cursor.js';
import { JoinStage } from './join.stage.js';
import { QuestionStage } from './question.stage.js';
import { joinAddress } from './screen.address.js';
import { ScreenHeader } from './screen.header.js';
import { takeToken } from './screen.token.js';
import './screen.css';

/** The big screen of a room. The spectator's token is in the address' fragment. */
export function ScreenPage({ roomId }: { readonly roomId: string }) {
  const [token] = useState(() =>
    takeToken(
      roomId,
      tokenOf(window.location.hash),
      usableStore(() => window.sessionStorage),
      window,
    ),
  );
  return token === null ? <NoToken /> : <RoomScreen token={token} />;
}

function NoToken() {
  const { screen, common } = useMessages();
  return (
    <PageFrame>
      <div className="qb-stack">
        <h1>{screen.noToken}</h1>
        <p>{screen.noTokenText}</p>
        <div>
          <ButtonLink href="/" variant="primary">
            {common.toStart}
          </ButtonLink>
        </div>
      </div>
    </PageFrame>
  );
}

function RoomScreen({ token }: { readonly token: string }) {
  const { screen } = useMessages();
  const { room, state } = useRoom({ url: window.location.origin, token });
  const pin = state.me?.pin;
  useCountdownCues(room);
  useIdleCursor();
  // Nobody touches a screen: it stays lit for as long as the room is there.
  useWakeLock(state.connection !== 'ended');
  useEffect(() => {
    if (pin !== undefined) document.title = screen.pageTitle(pin);
  }, [screen, pin]);
  return (
    <div className="screen" data-view={viewOf(state)}>
      <ScreenHeader state={state} />
      <main className="screen-main">
        <Stage token={token} room={room} state={state} />
      </main>
    </div>
  );
}

function Stage({
  token,
  room,
  state,
}: {
  readonly token: string;
  readonly room: Room | null;
  readonly state: RoomState;
}) {
  const messages = useMessages();
  const { screen } = messages;
  const { me, question, end } = state;
  if (end !== null) {
    return <Words title={endTitle(state, messages)}>{end.reason === 'replaced' && <UseHere />}</Words>;
  }
  if (room === null || me === null || question === null) return <Words title={screen.connecting} />;
  if (question.phase === 'idle') {
    return <JoinStage address={joinAddress(window.location.origin, me.pin)} pin={me.pin} state={state} />;
  }
  return <QuestionStage room={room} state={state} question={question} token={token} />;
}

function Words({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="screen-words">
      <h1>{title}</h1>
      {children}
    </div>
  );
}

/** Takes the place back from the other tab: the token is kept, so a reload does. */
function UseHere() {
  const { play } = useMessages();
  return (
    <Button variant="primary" size="large" onClick={() => window.location.reload()}>
      {play.useHere}
    </Button>
  );
}

function endTitle({ end }: RoomState, { screen, end: words, play, errors }: ReturnType<typeof useMessages>) {
  if (end === null) return '';
  const { kind } = endFacts(end);
  switch (kind) {
    case 'closed':
    case 'closed-by-host':
    case 'closed-idle':
      return screen.ended;
    case 'kicked':
    case 'banned':
    case 'put-out':
      return words.kicked;
    case 'replaced':
    case 'in-use':
      return words.replaced;
    case 'no-entry':
      return screen.noToken;
    case 'unknown-room':
      return errors.room_not_found;
    case 'slow-down':
      return errors.rate_limited;
    case 'left':
      return words.left;
    default:
      return play.failed;
  }
}
