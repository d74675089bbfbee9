import { Window } from 'happy-dom';

// React looks for a page when it is loaded: so first the page, then React.
const window = new Window();
Object.assign(globalThis, { window, document: window.document });

const { act, cleanup, renderHook } = await import('@testing-library/react');

export { act, renderHook };

/** Unmounts what a test has rendered. */
export const closePage = cleanup;
