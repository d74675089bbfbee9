import { type ReactNode, useEffect, useEffectEvent, useRef } from 'react';
import type { Messages } from '../i18n/en.js';
import { useMessages } from '../i18n/use.messages.js';
import { useAnnounce } from './announcer.js';
import { type ConnectionFacts, type ConnectionKind, connectionKind } from './connection.view.js';
import { ClockIcon, EndedIcon, LiveIcon, PersonAwayIcon, TurnIcon } from './icons.js';
import type { Tone } from './notice.js';

interface Look {
  readonly icon: ReactNode;
  readonly tone?: Tone;
  readonly isMoving?: boolean;
}

const LOOKS: Readonly<Record<ConnectionKind, Look>> = {
  connecting: { icon: <TurnIcon />, isMoving: true },
  joined: { icon: <LiveIcon />, tone: 'good' },
  reconnecting: { icon: <TurnIcon />, tone: 'bad', isMoving: true },
  syncing: { icon: <ClockIcon />, tone: 'warn' },
  'host-away': { icon: <PersonAwayIcon />, tone: 'warn' },
  ended: { icon: <EndedIcon /> },
};

function textOf({ connection }: Messages, kind: ConnectionKind): string {
  switch (kind) {
    case 'connecting':
    case 'joined':
    case 'reconnecting':
    case 'syncing':
    case 'ended':
      return connection[kind];
    case 'host-away':
      return connection.hostAway;
    default:
      return kind satisfies never;
  }
}

/** What to read out when a state has come to stay. Syncing and connecting pass by themselves. */
function announcementOf({ connection }: Messages, last: ConnectionKind, now: ConnectionKind): string | null {
  if (now === 'reconnecting') return connection.announceReconnecting;
  if (now === 'host-away') return connection.announceHostAway;
  if (now !== 'joined') return null;
  return last === 'host-away' ? connection.announceHostBack : connection.announceJoined;
}

/** A state that lasts shorter than this is shown, but not read out. */
const ANNOUNCE_AFTER_MS = 1_000;

/** How the connection is: by a text, an icon of its own shape and a colour. Changes are read out once they last. */
export function ConnectionBadge({ state }: { readonly state: ConnectionFacts }) {
  const messages = useMessages();
  const announce = useAnnounce();
  const kind = connectionKind(state);
  const announced = useRef<ConnectionKind>('joined');
  const tell = useEffectEvent(() => {
    if (kind === announced.current || kind === 'connecting' || kind === 'syncing') return;
    const text = announcementOf(messages, announced.current, kind);
    announced.current = kind;
    if (text !== null) announce(text, { isUrgent: kind === 'reconnecting' });
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the time begins anew with each kind
  useEffect(() => {
    const timer = setTimeout(tell, ANNOUNCE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [kind]);
  const { icon, tone, isMoving = false } = LOOKS[kind];
  return (
    <span className="qb-badge" data-connection={kind} data-tone={tone} data-moving={isMoving}>
      {icon}
      <span>
        <span className="qb-unseen">{messages.connection.label}: </span>
        {textOf(messages, kind)}
      </span>
    </span>
  );
}
