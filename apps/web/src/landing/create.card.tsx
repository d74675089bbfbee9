import { type FormEvent, useState } from 'react';
import { QuizbellError } from '#libs/client';
import { createRoom } from '../api/rest.client.js';
import type { HostKeyStorage } from '../host/host.key.storage.js';
import { failureText } from '../i18n/error.text.js';
import { useMessages } from '../i18n/use.messages.js';
import { Button, Card, Notice, TextField } from '../ui/index.js';

/** How creating a room stands. */
type Stage =
  | { readonly kind: 'ready' | 'busy' }
  | { readonly kind: 'failed'; readonly failure: unknown }
  /** The server wants an API key. `isRefused`: not the one that was given. */
  | { readonly kind: 'key'; readonly isRefused: boolean };

/** Creates a room and goes to its console. An API key, where the server asks for one, stays in this page's memory. */
export function CreateCard({ keys }: { readonly keys: HostKeyStorage }) {
  const messages = useMessages();
  const { landing } = messages;
  const [stage, setStage] = useState<Stage>({ kind: 'ready' });
  const [needsKey, setNeedsKey] = useState(false);
  const [apiKey, setApiKey] = useState('');
  const create = async () => {
    setStage({ kind: 'busy' });
    try {
      const { roomId, pin, hostToken } = await createRoom(needsKey ? apiKey.trim() : null);
      keys.keep({ roomId, pin, token: hostToken, keptAt: Date.now() });
      window.location.assign(`/host/${encodeURIComponent(roomId)}`);
    } catch (failure) {
      if (failure instanceof QuizbellError && failure.code === 'unauthorized') {
        setStage({ kind: 'key', isRefused: needsKey });
        setNeedsKey(true);
      } else setStage({ kind: 'failed', failure });
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (needsKey && apiKey.trim() === '') setStage({ kind: 'key', isRefused: true });
    else void create();
  };
  const isBusy = stage.kind === 'busy';
  return (
    <Card title={landing.createTitle}>
      <p className="qb-soft">{landing.createText}</p>
      <form className="qb-stack landing-create" noValidate onSubmit={submit}>
        {needsKey && (
          <>
            <Notice tone="info" title={landing.keyTitle} role="status">
              <p>{landing.keyText}</p>
            </Notice>
            <TextField
              label={landing.keyLabel}
              error={stage.kind === 'key' && stage.isRefused ? landing.keyWrong : null}
              type="password"
              autoComplete="off"
              spellCheck={false}
              autoFocus
              value={apiKey}
              onChange={({ target }) => setApiKey(target.value)}
            />
          </>
        )}
        {stage.kind === 'failed' && (
          <Notice tone="bad" role="alert">
            <p>{failureText(messages, stage.failure)}</p>
          </Notice>
        )}
        <Button type="submit" variant="primary" size="large" isBusy={isBusy}>
          {isBusy ? landing.creating : landing.create}
        </Button>
      </form>
    </Card>
  );
}
