import { useEffect, useState } from 'react';
import { type HostKey, HostKeyStorage } from '../host/host.key.storage.js';
import { useMessages } from '../i18n/use.messages.js';
import { usableStore } from '../room/seat.storage.js';
import { CrossIcon } from '../ui/icons.js';
import { Button, ButtonLink, PageFrame } from '../ui/index.js';
import { CreateCard } from './create.card.js';
import { JoinCard } from './join.card.js';
import { SameOnAllScreens } from './same.picture.js';
import './landing.css';

/** Where people begin: creates a room, or leads a player into one. */
export function LandingPage() {
  const { landing, common } = useMessages();
  const [keys] = useState(() => new HostKeyStorage(usableStore(() => window.localStorage)));
  useEffect(() => {
    document.title = `${common.appName} – ${landing.headline}`;
  }, [common, landing]);
  return (
    <PageFrame className="landing">
      <div className="landing-hero">
        <div className="landing-words">
          <h1>{landing.headline}</h1>
          <p>{landing.lead}</p>
        </div>
        <SameOnAllScreens />
      </div>
      <div className="landing-ways">
        <JoinCard />
        <CreateCard keys={keys} />
      </div>
      <RecentRooms keys={keys} />
      <p className="landing-foot">
        <a href="/docs">{landing.documents}</a>
      </p>
    </PageFrame>
  );
}

/** The rooms that this browser has the key to. */
function RecentRooms({ keys }: { readonly keys: HostKeyStorage }) {
  const { landing } = useMessages();
  const [rooms, setRooms] = useState(() => keys.list());
  const forget = ({ roomId }: HostKey) => {
    keys.forget(roomId);
    setRooms(keys.list());
  };
  if (rooms.length === 0) return null;
  return (
    <section className="landing-recent" aria-labelledby="recent-title">
      <h2 id="recent-title">{landing.recentTitle}</h2>
      <ul className="qb-row">
        {rooms.map((key) => (
          <li key={key.roomId} className="landing-room">
            <ButtonLink href={`/host/${encodeURIComponent(key.roomId)}`}>
              {landing.recentOpen(key.pin ?? key.roomId)}
            </ButtonLink>
            <Button
              variant="quiet"
              size="icon"
              icon={<CrossIcon />}
              aria-label={landing.forget(key.pin ?? key.roomId)}
              onClick={() => forget(key)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
