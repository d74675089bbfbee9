import { useSyncExternalStore } from 'react';
import { settings } from '../settings/settings.store.js';
import type { Messages } from './en.js';
import { LANGUAGES, type LanguageCode, languageFor } from './languages.js';

function subscribe(listener: () => void): () => void {
  const stop = settings.subscribe(listener);
  window.addEventListener('languagechange', listener);
  return () => {
    stop();
    window.removeEventListener('languagechange', listener);
  };
}

/** What the browser would be shown without a choice of its own. */
export function systemLanguage(): LanguageCode {
  return languageFor(navigator.languages ?? [navigator.language]);
}

/** The language of the pages now. */
export function currentLanguage(): LanguageCode {
  const { language } = settings.get();
  return language === 'system' ? systemLanguage() : language;
}

/** The language of the pages; renders again when it changes. */
export function useLanguage(): LanguageCode {
  return useSyncExternalStore(subscribe, currentLanguage);
}

/** All texts in the language of the pages; renders again when it changes. */
export function useMessages(): Messages {
  return LANGUAGES[useLanguage()].messages;
}
