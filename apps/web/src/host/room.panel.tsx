import type { Room } from '#libs/client';
import { useMessages } from '../i18n/use.messages.js';
import { settings } from '../settings/settings.store.js';
import { useSettings } from '../settings/use.settings.js';
import { Button, Card, Switch, useConfirm } from '../ui/index.js';
import type { HostActions } from './use.host.actions.js';

/** The keys of the console, and the end of the room. */
export function RoomPanel({ room, actions }: { readonly room: Room | null; readonly actions: HostActions }) {
  const { host } = useMessages();
  const { hasShortcuts } = useSettings();
  const confirm = useConfirm();
  const close = async (inRoom: Room) => {
    const answer = await confirm({
      title: host.closeTitle,
      text: host.closeText,
      confirmLabel: host.closeRoom,
      isDangerous: true,
    });
    if (answer !== null) await actions.run('close', () => inRoom.close());
  };
  const keys = [
    [host.keySpace, host.shortcutStart],
    ['+ −', host.shortcutMore],
    ['S', host.shortcutStop],
    ['N', host.shortcutNext],
  ] as const;
  return (
    <Card title={host.roomTitle}>
      <div className="host-keys">
        <Switch
          label={host.shortcuts}
          isOn={hasShortcuts}
          onChange={(isOn) => settings.change({ hasShortcuts: isOn })}
        />
        {hasShortcuts && (
          <dl>
            {keys.map(([key, meaning]) => (
              <div key={key} className="host-key-row">
                <dt>
                  <kbd className="qb-key">{key}</kbd>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        )}
      </div>
      <div>
        <Button
          variant="danger"
          isOff={room === null}
          isBusy={actions.pending.has('close')}
          onClick={() => {
            if (room !== null) void close(room);
          }}
        >
          {host.closeRoom}
        </Button>
      </div>
    </Card>
  );
}
