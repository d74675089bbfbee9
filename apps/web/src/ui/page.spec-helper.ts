import { Window } from 'happy-dom';

// React looks for a page when it is loaded: so first the page, then React.
const window = new Window({ url: 'http://localhost/' });
const { document, Node, Element, HTMLElement, HTMLDialogElement, matchMedia } = window;
Object.assign(globalThis, { window, document, Node, Element, HTMLElement, HTMLDialogElement, matchMedia });

const { act, cleanup, fireEvent, render, screen, within } = await import('@testing-library/react');

export { act, fireEvent, render, screen, within };

/** Unmounts what a test has rendered. */
export const closePage = cleanup;
