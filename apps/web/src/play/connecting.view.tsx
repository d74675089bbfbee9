import { useEffect, useState } from 'react';
import type { QuizbellError } from '#libs/client';
import type { Messages } from '../i18n/en.js';
import { errorText } from '../i18n/error.text.js';
import { useMessages } from '../i18n/use.messages.js';
import { ButtonLink, Notice } from '../ui/index.js';
import { useSecondsLeft } from './seconds.left.js';

/** After so long without an answer it is honest to say so. */
const LONG_MS = 4_000;

/** Until the server has let the player in. `refusal` says why it has not yet; it is asked again by itself. */
export function ConnectingView({ refusal }: { readonly refusal: QuizbellError | null }) {
  const messages = useMessages();
  const { play, common } = messages;
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className="play-center">
      <div role="status" className="qb-stack">
        <h1 className="play-title" tabIndex={-1}>
          {play.connecting}
        </h1>
        {refusal === null && isLong && <p className="qb-soft">{play.connectingLong}</p>}
        {refusal !== null && (
          <Notice tone="warn">
            <p>{refusalText(refusal, messages)}</p>
          </Notice>
        )}
      </div>
      {refusal?.retryAfterMs !== undefined && <AskingIn afterMs={refusal.retryAfterMs} since={refusal} />}
      {(isLong || refusal !== null) && (
        <div>
          <ButtonLink href="/">{common.toStart}</ButtonLink>
        </div>
      )}
    </div>
  );
}

function refusalText(refusal: QuizbellError, messages: Messages): string {
  if (refusal.code === 'rate_limited') return messages.play.slowEntry;
  return errorText(messages, { code: refusal.code });
}

function AskingIn({ afterMs, since }: { readonly afterMs: number; readonly since: QuizbellError }) {
  const { play } = useMessages();
  const seconds = useSecondsLeft(afterMs, since);
  return <p className="qb-digits">{seconds > 0 && play.askingIn(seconds)}</p>;
}
