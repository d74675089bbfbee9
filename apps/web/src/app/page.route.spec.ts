import { routeOf, tokenOf } from './page.route.js';

describe('the route of an address', () => {
  it.each([
    ['/', { page: 'landing' }],
    ['/play', { page: 'play', pin: null }],
    ['/play/012345', { page: 'play', pin: '012345' }],
    ['/host/3-aB_9', { page: 'host', roomId: '3-aB_9' }],
    ['/screen/3-aB_9', { page: 'screen', roomId: '3-aB_9' }],
  ])('%s is a page', (pathname, route) => {
    expect(routeOf(pathname)).toEqual(route);
  });

  it.each([
    '/host',
    '/screen',
    '/play/12345',
    '/play/12345a',
    '/host/a/b',
    '/host/a%2Fb',
    '/nowhere',
    '/host/',
  ])('%s is no page', (pathname) => {
    expect(routeOf(pathname)).toEqual({ page: 'unknown' });
  });

  it('finds a token in the fragment', () => {
    expect(tokenOf('#token=a.b.c')).toBe('a.b.c');
    expect(tokenOf('')).toBeNull();
    expect(tokenOf('#other=1')).toBeNull();
  });
});
