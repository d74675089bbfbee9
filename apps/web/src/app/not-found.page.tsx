import { useMessages } from '../i18n/use.messages.js';
import { ButtonLink, PageFrame } from '../ui/index.js';

/** For an address that is no page. */
export function NotFoundPage() {
  const { notFound, common } = useMessages();
  return (
    <PageFrame>
      <section className="qb-card qb-alone">
        <h1>{notFound.title}</h1>
        <p>{notFound.text}</p>
        <ButtonLink variant="primary" size="large" href="/">
          {common.toStart}
        </ButtonLink>
      </section>
    </PageFrame>
  );
}
