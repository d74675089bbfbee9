import { useEffect } from 'react';
import type { Room, RoomState } from '#libs/client';
import { useRoom } from '#libs/client/react';
import { useMessages } from '../i18n/use.messages.js';
import { viewOf } from '../room/room.view.js';
import type { SeatStorage } from '../room/seat.storage.js';
import { useViewFocus } from '../room/view.focus.js';
import { useWakeLock } from '../room/wake.lock.js';
import { ConnectionBadge, PageFrame, useCountdownCues } from '../ui/index.js';
import { ConnectingView } from './connecting.view.js';
import { EndView } from './end.view.js';
import type { EntryProblem } from './entry.view.js';
import { PlayerNotice } from './player.notice.js';
import { QuestionView } from './question.view.js';
import type { VerdictMemory } from './verdict.memory.js';
import { WaitingView } from './waiting.view.js';

interface PlayerRoomProps {
  readonly pin: string;
  /** Null: by the seat that is kept, which has none. */
  readonly name: string | null;
  readonly seats: SeatStorage;
  readonly memory: VerdictMemory;
  /** The same once more. */
  readonly onAgain: () => void;
  /** As a new player. */
  readonly onAnew: (why: EntryProblem | null) => void;
}

/** A player's place in a room, from the join to the end. */
export function PlayerRoom({ pin, name, seats, memory, onAgain, onAnew }: PlayerRoomProps) {
  const { play } = useMessages();
  const { room, state } = useRoom({
    url: window.location.origin,
    pin,
    storage: seats,
    ...(name === null ? {} : { name }),
  });
  useCountdownCues(room);
  useWakeLock(state.question?.phase === 'lead-in' || state.question?.phase === 'open');
  useViewFocus(focusOf(state));
  const ownName = state.me?.name;
  useEffect(() => {
    if (ownName !== undefined) seats.remember(ownName);
  }, [seats, ownName]);
  useEffect(() => {
    document.title = play.pageTitle(pin);
  }, [play, pin]);
  return (
    <PageFrame
      className="play"
      aside={
        <>
          {ownName !== undefined && <span className="play-own-name">{ownName}</span>}
          <ConnectionBadge state={state} />
        </>
      }
    >
      <PlayerNotice state={state} />
      <PlayerViews pin={pin} memory={memory} room={room} state={state} onAgain={onAgain} onAnew={onAnew} />
    </PageFrame>
  );
}

/** Names what has the focus: pausing and resuming keep it where it is. */
function focusOf(state: RoomState): string {
  const view = viewOf(state);
  const runId = view === 'ended' ? null : (state.question?.runId ?? null);
  return `${view === 'paused' ? 'open' : view} ${runId}`;
}

function PlayerViews({
  pin,
  memory,
  room,
  state,
  onAgain,
  onAnew,
}: Pick<PlayerRoomProps, 'pin' | 'memory' | 'onAgain' | 'onAnew'> & {
  readonly room: Room | null;
  readonly state: RoomState;
}) {
  const view = viewOf(state);
  if (state.end !== null) return <EndView pin={pin} end={state.end} onAgain={onAgain} onAnew={onAnew} />;
  if (view === 'waiting') return <WaitingView pin={pin} state={state} />;
  if (room === null || state.question === null || view === 'ended' || view === 'connecting') {
    return <ConnectingView refusal={state.refusal} />;
  }
  return <QuestionView room={room} state={state} question={state.question} memory={memory} />;
}
