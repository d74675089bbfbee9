import { useEffect, useRef } from 'react';
import type { End } from '#libs/client';
import type { Messages } from '../i18n/en.js';
import { useMessages } from '../i18n/use.messages.js';
import { spacedPin } from '../landing/pin.text.js';
import { type EndFacts, endFacts } from '../room/room.view.js';
import { Button, ButtonLink } from '../ui/index.js';
import type { EntryProblem } from './entry.view.js';
import { useSecondsLeft } from './seconds.left.js';

function endText({ kind }: EndFacts, pin: string, { play, end }: Messages): string {
  const texts: Readonly<Record<EndFacts['kind'], string>> = {
    left: end.left,
    kicked: end.kicked,
    banned: end.banned,
    replaced: end.replaced,
    'closed-by-host': end.closedByHost,
    'closed-idle': end.closedIdle,
    closed: end.closed,
    'unknown-room': play.unknownRoom(spacedPin(pin)),
    'room-full': play.roomFull,
    'slow-down': play.slowEntry,
    'no-entry': play.noEntry,
    'bad-name': play.nameRefused,
    'name-refused': play.nameRefused,
    'put-out': play.putOut,
    'in-use': play.inUse,
    'no-answer': play.noServer,
    failed: play.failed,
  };
  return texts[kind];
}

function endTitle({ kind }: EndFacts, { play }: Messages): string {
  switch (kind) {
    case 'replaced':
    case 'in-use':
      return play.elsewhereTitle;
    case 'unknown-room':
      return play.notFoundTitle;
    case 'left':
    case 'kicked':
    case 'banned':
    case 'closed':
    case 'closed-by-host':
    case 'closed-idle':
      return play.endTitle;
    default:
      return play.notInTitle;
  }
}

/** These are told where the name is asked for. */
function entryProblem({ kind }: EndFacts): EntryProblem | null {
  return kind === 'no-entry' || kind === 'name-refused' || kind === 'bad-name' ? kind : null;
}

interface EndViewProps {
  readonly pin: string;
  readonly end: End;
  readonly onAgain: () => void;
  readonly onAnew: (why: EntryProblem | null) => void;
}

/** After the end: why, and what can be done about it. */
export function EndView({ pin, end, onAgain, onAnew }: EndViewProps) {
  const messages = useMessages();
  const { play, common } = messages;
  const facts = endFacts(end);
  const problem = entryProblem(facts);
  const askAgain = useRef(onAnew);
  askAgain.current = onAnew;
  useEffect(() => {
    // Nothing to read first: the name is asked for again, and why is told there.
    if (problem !== null) askAgain.current(problem);
  }, [problem]);
  if (problem !== null) return null;
  return (
    <div className="play-center">
      <section className="qb-card play-form" role="alert">
        <h1 className="play-title" tabIndex={-1}>
          {endTitle(facts, messages)}
        </h1>
        <p>{endText(facts, pin, messages)}</p>
        {facts.action === 'use-here' && (
          <Button variant="primary" size="large" onClick={onAgain}>
            {play.useHere}
          </Button>
        )}
        {facts.action === 'retry' && <RetryButton afterMs={facts.retryAfterMs} onRetry={onAgain} />}
        {facts.action === 'join-anew' && (
          <Button variant="primary" size="large" onClick={() => onAnew(null)}>
            {play.joinAgain}
          </Button>
        )}
        <ButtonLink variant={facts.action === 'leave' ? 'primary' : 'secondary'} href="/" size="large">
          {facts.kind === 'unknown-room' ? play.otherPin : common.toStart}
        </ButtonLink>
      </section>
    </div>
  );
}

/** Off until `afterMs` are over, and says for how long. */
function RetryButton({ afterMs, onRetry }: { readonly afterMs: number; readonly onRetry: () => void }) {
  const { play, common } = useMessages();
  const seconds = useSecondsLeft(afterMs);
  return (
    <Button variant="primary" size="large" isOff={seconds > 0} onClick={onRetry}>
      {seconds > 0 ? play.retryIn(seconds) : common.tryAgain}
    </Button>
  );
}
