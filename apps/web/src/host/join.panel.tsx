import { useState } from 'react';
import type { RoomState } from '#libs/client';
import { createToken } from '../api/rest.client.js';
import { useMessages } from '../i18n/use.messages.js';
import { spacedPin } from '../landing/pin.text.js';
import { CopyIcon, KeyIcon, ScreenIcon } from '../ui/icons.js';
import { Button, Card, Notice, useToast } from '../ui/index.js';
import { copyText } from './copy.text.js';
import type { HostActions } from './use.host.actions.js';

/** How people come in: the PIN and the link; the big screen; a second host. */
export function JoinPanel({
  roomId,
  pin,
  token,
  state,
  actions,
}: {
  readonly roomId: string;
  readonly pin: string | null;
  readonly token: string;
  readonly state: RoomState;
  readonly actions: HostActions;
}) {
  const { host, common } = useMessages();
  const toast = useToast();
  const [blockedScreen, setBlockedScreen] = useState<string | null>(null);
  const path = pin === null ? null : `/play/${pin}`;
  // A co-host's token makes no tokens.
  const mayMakeTokens = state.me?.role === 'host';

  const copy = async (text: string, done: string) => {
    const isCopied = await copyText(text);
    toast(isCopied ? { tone: 'good', text: done } : { tone: 'warn', text: host.copyFailed });
  };
  const openScreen = () => {
    // Before anything is awaited: browsers let a page open a tab only right after a click.
    const tab = window.open('', '_blank');
    void actions.run('screen', async () => {
      try {
        const screenToken = await createToken(roomId, token, 'spectator');
        const address = `/screen/${encodeURIComponent(roomId)}#token=${encodeURIComponent(screenToken)}`;
        if (tab === null) setBlockedScreen(address);
        else tab.location.replace(address);
      } catch (failure) {
        tab?.close();
        throw failure;
      }
    });
  };
  const shareCoHost = () =>
    void actions.run('co-host', async () => {
      const coHostToken = await createToken(roomId, token, 'co-host');
      const fragment = `#token=${encodeURIComponent(coHostToken)}`;
      await copy(`${window.location.origin}/host/${encodeURIComponent(roomId)}${fragment}`, host.coHostText);
    });

  return (
    <Card title={host.joinTitle} className="host-join">
      <div className="host-pin">
        <p className="host-pin-label">{host.pin}</p>
        <p className="host-pin-digits qb-digits">{pin === null ? '… …' : spacedPin(pin)}</p>
      </div>
      {path !== null && (
        <p className="host-link">
          {host.joinAt}{' '}
          <a href={path} target="_blank" rel="noreferrer">
            {window.location.host}
            {path}
          </a>
        </p>
      )}
      <div className="host-buttons">
        <Button
          icon={<CopyIcon />}
          isOff={path === null}
          onClick={() => void copy(`${window.location.origin}${path}`, common.copied)}
        >
          {host.copyLink}
        </Button>
        {mayMakeTokens && (
          <>
            <Button icon={<ScreenIcon />} isBusy={actions.pending.has('screen')} onClick={openScreen}>
              {host.openScreen}
            </Button>
            <Button
              variant="quiet"
              icon={<KeyIcon />}
              isBusy={actions.pending.has('co-host')}
              onClick={shareCoHost}
            >
              {host.coHost}
            </Button>
          </>
        )}
      </div>
      {blockedScreen !== null && (
        <Notice tone="warn" role="status">
          <p>{host.screenBlocked}</p>
          <p>
            <a href={blockedScreen} target="_blank" rel="noreferrer" onClick={() => setBlockedScreen(null)}>
              {host.openScreen}
            </a>
          </p>
        </Notice>
      )}
    </Card>
  );
}
