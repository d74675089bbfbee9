import { useEffect } from 'react';
import type { End } from '#libs/client';
import type { Messages } from '../i18n/en.js';
import { errorText } from '../i18n/error.text.js';
import { useMessages } from '../i18n/use.messages.js';
import { usableStore } from '../room/seat.storage.js';
import { Button, ButtonLink, Card, PageFrame } from '../ui/index.js';
import type { HostKeyStorage } from './host.key.storage.js';
import { NoKeyPage } from './no.key.page.js';
import { QuestionStorage } from './question.storage.js';

function textOf(messages: Messages, end: End): string {
  const { end: texts } = messages;
  switch (end.reason) {
    case 'left':
    case 'kicked':
    case 'banned':
    case 'replaced':
      return texts[end.reason];
    case 'room-closed':
      if (end.by === null) return texts.closed;
      return end.by === 'host' ? texts.closedByHost : texts.closedIdle;
    case 'refused':
      return errorText(messages, end.error);
    default:
      return end satisfies never;
  }
}

/** Whether the room itself is over, so that its key opens nothing any more. */
function isOver(end: End): boolean {
  return end.reason === 'room-closed' || (end.reason === 'refused' && end.error.code === 'room_not_found');
}

/** The console after the end: why, and what can be done. */
export function EndedPanel({
  roomId,
  end,
  keys,
}: {
  readonly roomId: string;
  readonly end: End;
  readonly keys: HostKeyStorage;
}) {
  const messages = useMessages();
  const { host, common } = messages;
  const isRoomOver = isOver(end);
  useEffect(() => {
    if (!isRoomOver) return;
    keys.forget(roomId);
    new QuestionStorage(usableStore(() => window.localStorage)).forgetPlan(roomId);
  }, [isRoomOver, keys, roomId]);
  if (end.reason === 'refused' && end.error.code === 'unauthorized') return <NoKeyPage />;
  const isBack = end.reason === 'replaced' || (end.reason === 'refused' && !isRoomOver);
  return (
    <PageFrame className="host">
      <div className="host-alone" role="status">
        <Card title={textOf(messages, end)}>
          <div className="qb-row">
            {isBack && (
              <Button variant="primary" onClick={() => window.location.reload()}>
                {end.reason === 'replaced' ? host.takeOver : common.tryAgain}
              </Button>
            )}
            <ButtonLink variant={isBack ? 'secondary' : 'primary'} href="/">
              {host.newRoom}
            </ButtonLink>
          </div>
        </Card>
      </div>
    </PageFrame>
  );
}
