import { useEffect, useState } from 'react';
import { useRoom } from '#libs/client/react';
import { useMessages } from '../i18n/use.messages.js';
import { useWakeLock } from '../room/wake.lock.js';
import { ConnectionBadge, PageFrame, useCountdownCues } from '../ui/index.js';
import { ControlPanel } from './control.panel.js';
import { EndedPanel } from './ended.panel.js';
import type { HostKeyStorage } from './host.key.storage.js';
import { JoinPanel } from './join.panel.js';
import { PlayersPanel } from './players.panel.js';
import { QuestionsPanel } from './questions.panel.js';
import { ResultsPanel } from './results.panel.js';
import { RoomPanel } from './room.panel.js';
import { useHostActions } from './use.host.actions.js';
import { useQuiz } from './use.quiz.js';

/** The console, from the first connection to the end of the room. */
export function HostRoom({
  roomId,
  token,
  keys,
}: {
  readonly roomId: string;
  readonly token: string;
  readonly keys: HostKeyStorage;
}) {
  const { host } = useMessages();
  const { room, state } = useRoom({ url: window.location.origin, token });
  const quiz = useQuiz(roomId);
  const actions = useHostActions();
  // From the last visit, so that the PIN is there before the room is.
  const [keptPin] = useState(() => keys.get(roomId)?.pin ?? null);
  const pin = state.me?.pin ?? keptPin;
  const phase = state.question?.phase;
  useCountdownCues(room);
  useWakeLock(phase === 'lead-in' || phase === 'open');
  useEffect(() => {
    if (pin === null) return;
    keys.tell(roomId, pin);
    document.title = host.pageTitle(pin);
  }, [keys, roomId, pin, host]);

  if (state.end !== null) return <EndedPanel roomId={roomId} end={state.end} keys={keys} />;
  return (
    <PageFrame className="host" aside={<ConnectionBadge state={state} />}>
      <h1 className="qb-unseen">{pin === null ? host.title : host.pageTitle(pin)}</h1>
      <div className="host-grid" data-begun={phase !== undefined && phase !== 'idle'}>
        <div className="host-side">
          <JoinPanel roomId={roomId} pin={pin} token={token} state={state} actions={actions} />
        </div>
        <div className="host-stage">
          <ControlPanel room={room} state={state} quiz={quiz} actions={actions} />
          {room !== null && state.question?.phase === 'closed' && (
            <ResultsPanel room={room} question={state.question} token={token} />
          )}
          <QuestionsPanel quiz={quiz} phase={phase ?? 'idle'} playing={state.question?.questionId ?? null} />
        </div>
        <div className="host-side host-people">
          <PlayersPanel room={room} state={state} actions={actions} />
          <RoomPanel room={room} actions={actions} />
        </div>
      </div>
    </PageFrame>
  );
}
