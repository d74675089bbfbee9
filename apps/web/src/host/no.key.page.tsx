import { useMessages } from '../i18n/use.messages.js';
import { ButtonLink, Card, PageFrame } from '../ui/index.js';

/** For somebody who has no token of this room, or one that is not valid any more. */
export function NoKeyPage() {
  const { host, common } = useMessages();
  return (
    <PageFrame className="host">
      <div className="host-alone">
        <Card title={host.noToken}>
          <p>{host.noTokenText}</p>
          <div>
            <ButtonLink variant="primary" href="/">
              {common.toStart}
            </ButtonLink>
          </div>
        </Card>
      </div>
    </PageFrame>
  );
}
