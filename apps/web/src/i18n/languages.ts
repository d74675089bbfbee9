import { de } from './de.js';
import { en, type Messages } from './en.js';
import { es } from './es.js';

/** Every language, by its BCP 47 code. Another one is a file like `en.ts` and a line here. */
export const LANGUAGES = {
  en: { name: 'English', messages: en },
  de: { name: 'Deutsch', messages: de },
  es: { name: 'Español', messages: es },
} as const satisfies Record<string, { readonly name: string; readonly messages: Messages }>;

export type LanguageCode = keyof typeof LANGUAGES;

export const LANGUAGE_CODES = Object.keys(LANGUAGES) as readonly LanguageCode[];

export function isLanguage(code: string): code is LanguageCode {
  return Object.hasOwn(LANGUAGES, code);
}

/** The first of `wanted` (as in `navigator.languages`) that there is, whatever its region; else English. */
export function languageFor(wanted: readonly string[]): LanguageCode {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split('-')[0] ?? '';
    if (isLanguage(code)) return code;
  }
  return 'en';
}
