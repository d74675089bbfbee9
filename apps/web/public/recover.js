// Loads the page anew when a part of it could not be loaded: while a new release comes, one gateway may have sent the document
// and another one be asked for the rest; and a phone may have had no network for a moment. Runs before everything else, and
// only as long as nothing is shown.
{
  const KEY = 'quizbell.reloads';
  const MOST = 5;
  /** How often it was tried; in the window's name, which outlives a reload also where storage is forbidden. */
  const tries = () => Number(window.name.startsWith(KEY) ? window.name.slice(KEY.length) : 0);
  const isShown = () => (document.getElementById('app')?.childElementCount ?? 0) > 0;
  let isWaiting = false;

  const again = () => {
    if (isWaiting || isShown()) return;
    isWaiting = true;
    const count = tries();
    if (count < MOST) {
      window.name = `${KEY}${count + 1}`;
      setTimeout(() => location.reload(), 200 * (count + 1));
      return;
    }
    window.name = '';
    const link = document.createElement('a');
    link.href = location.href;
    link.textContent = 'The page could not be loaded. Try again.';
    link.addEventListener('click', () => location.reload());
    document.getElementById('app')?.append(link);
  };
  window.addEventListener(
    'error',
    (event) => {
      if (event.target instanceof HTMLScriptElement || event.target instanceof HTMLLinkElement) again();
    },
    true,
  );
  window.addEventListener('vite:preloadError', again);
  setTimeout(() => {
    if (isShown() && window.name.startsWith(KEY)) window.name = '';
  }, 5_000);
}
