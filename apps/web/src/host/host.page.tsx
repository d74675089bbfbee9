import { useState } from 'react';
import { tokenOf } from '../app/page.route.js';
import { usableStore } from '../room/seat.storage.js';
import { HostKeyStorage } from './host.key.storage.js';
import { HostRoom } from './host.room.js';
import { NoKeyPage } from './no.key.page.js';
import './host.css';

/** Takes a token out of the address, where everybody who looks at the screen could read it, and keeps it. */
function takeKey(roomId: string, keys: HostKeyStorage): string | null {
  const token = tokenOf(window.location.hash);
  if (window.location.hash !== '') {
    window.history.replaceState(window.history.state, '', window.location.pathname);
  }
  if (token !== null && token !== '') keys.keep({ roomId, token, pin: null, keptAt: Date.now() });
  return keys.get(roomId)?.token ?? null;
}

/** The host's console of a room. The host's token is in the address' fragment, or kept from an earlier visit. */
export function HostPage({ roomId }: { readonly roomId: string }) {
  const [keys] = useState(() => new HostKeyStorage(usableStore(() => window.localStorage)));
  const [token] = useState(() => takeKey(roomId, keys));
  if (token === null) return <NoKeyPage />;
  return <HostRoom roomId={roomId} token={token} keys={keys} />;
}
