import type { RoomState } from '#libs/client';
import { useMessages } from '../i18n/use.messages.js';
import { spacedPin } from '../landing/pin.text.js';

/** In the room, before the first question. */
export function WaitingView({ pin, state }: { readonly pin: string; readonly state: RoomState }) {
  const { play } = useMessages();
  const { me, presence } = state;
  return (
    <div className="play-center">
      <section className="qb-card play-waiting">
        <h1 className="play-title" tabIndex={-1}>
          {play.waitingTitle}
        </h1>
        <p>{play.waitingText}</p>
        <dl className="play-facts">
          {me !== null && (
            <div>
              <dt>{play.playerName}</dt>
              <dd className="play-facts-name">{me.name}</dd>
            </div>
          )}
          <div>
            <dt>{play.pin}</dt>
            <dd className="qb-digits">{spacedPin(pin)}</dd>
          </div>
          {presence !== null && (
            <>
              <div>
                <dt>{play.present}</dt>
                <dd>{play.players(presence.players)}</dd>
              </div>
              <div>
                <dt>{play.host}</dt>
                <dd>{presence.hostConnected ? play.hostHere : play.hostAway}</dd>
              </div>
            </>
          )}
        </dl>
      </section>
    </div>
  );
}
