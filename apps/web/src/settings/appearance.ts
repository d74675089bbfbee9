import { currentLanguage } from '../i18n/use.messages.js';
import { settings } from './settings.store.js';

const DARK = '(prefers-color-scheme: dark)';
const MORE_CONTRAST = '(prefers-contrast: more)';

function apply(): void {
  const { theme, isContrastHigh } = settings.get();
  const isDark = theme === 'system' ? window.matchMedia(DARK).matches : theme === 'dark';
  const hasContrast = isContrastHigh || window.matchMedia(MORE_CONTRAST).matches;
  const root = document.documentElement;
  root.dataset.theme = isDark ? 'dark' : 'light';
  root.dataset.contrast = hasContrast ? 'more' : 'normal';
  root.lang = currentLanguage();
}

/** Keeps the attributes of the document right (theme, contrast, language), from now on. Called once, before anything is drawn. */
export function startAppearance(): void {
  apply();
  settings.subscribe(apply);
  for (const query of [DARK, MORE_CONTRAST]) window.matchMedia(query).addEventListener('change', apply);
  window.addEventListener('languagechange', apply);
  window.addEventListener('storage', ({ key }) => settings.reload(key));
}
