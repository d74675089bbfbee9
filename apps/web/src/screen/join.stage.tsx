import type { RoomState } from '#libs/client';
import { useMessages } from '../i18n/use.messages.js';
import { spacedPin } from '../landing/pin.text.js';
import { Notice } from '../ui/index.js';
import { JoinCode } from './join.code.js';
import type { JoinAddress } from './screen.address.js';

/** Before the first question: how to get in, and how many are. */
export function JoinStage({
  address,
  pin,
  state,
}: {
  readonly address: JoinAddress;
  readonly pin: string;
  readonly state: RoomState;
}) {
  const { screen } = useMessages();
  return (
    <div className="screen-join">
      <section className="screen-join-words">
        <h1>{screen.joinTitle}</h1>
        <p className="screen-join-step">
          {screen.joinAt} <strong className="screen-join-url">{address.short}</strong>
        </p>
        <p className="screen-pin">
          <span className="screen-pin-label">{screen.pin}</span>
          <span className="screen-pin-digits qb-digits">{spacedPin(pin)}</span>
        </p>
        {address.isOnlyHere && (
          <Notice tone="info" className="screen-only-here">
            <p>{screen.onlyHere}</p>
          </Notice>
        )}
        <p className="screen-present">
          {state.presence === null ? null : (
            <span className="qb-digits">{screen.players(state.presence.players)}</span>
          )}
          <span className="qb-soft">{screen.waiting}</span>
        </p>
      </section>
      <figure className="screen-join-code">
        <JoinCode address={address} />
        <figcaption>{screen.scan}</figcaption>
      </figure>
    </div>
  );
}
