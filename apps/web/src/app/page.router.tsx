import { lazy, Suspense } from 'react';
import { NotFoundPage } from './not-found.page.js';
import { type PageRoute, routeOf } from './page.route.js';

// Each page is a file of its own, so that a phone does not load the host's console.
const LandingPage = lazy(async () => ({ default: (await import('../landing/landing.page.js')).LandingPage }));
const HostPage = lazy(async () => ({ default: (await import('../host/host.page.js')).HostPage }));
const PlayPage = lazy(async () => ({ default: (await import('../play/play.page.js')).PlayPage }));
const ScreenPage = lazy(async () => ({ default: (await import('../screen/screen.page.js')).ScreenPage }));

/** The page of the address at which the browser is; going to another one is a new load. */
export function PageRouter() {
  return <Suspense fallback={null}>{pageOf(routeOf(window.location.pathname))}</Suspense>;
}

function pageOf(route: PageRoute) {
  switch (route.page) {
    case 'landing':
      return <LandingPage />;
    case 'host':
      return <HostPage roomId={route.roomId} />;
    case 'play':
      return <PlayPage pin={route.pin} />;
    case 'screen':
      return <ScreenPage roomId={route.roomId} />;
    case 'unknown':
      return <NotFoundPage />;
    default:
      return route satisfies never;
  }
}
