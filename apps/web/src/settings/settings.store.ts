import { routeOf } from '../app/page.route.js';
import { isLanguage, type LanguageCode } from '../i18n/languages.js';

/** What a person has chosen for this browser. `system`: as the device or the browser says. */
export interface Settings {
  readonly language: LanguageCode | 'system';
  readonly theme: 'system' | 'light' | 'dark';
  readonly isContrastHigh: boolean;
  readonly hasSound: boolean;
  readonly hasVibration: boolean;
  /** Single keys for the host's console. */
  readonly hasShortcuts: boolean;
}

const KEY = 'quizbell.settings';
const THEMES = ['system', 'light', 'dark'] as const;

/**
 * The settings where nothing was chosen. The big screen sounds for the whole room: eighty phones and the host's laptop with it
 * would be noise.
 *
 * @param pathname of the page
 */
export function defaultSettings(pathname: string): Settings {
  return {
    language: 'system',
    theme: 'system',
    isContrastHigh: false,
    hasSound: routeOf(pathname).page === 'screen',
    hasVibration: true,
    hasShortcuts: true,
  };
}

type Checks = { readonly [K in keyof Settings]: (value: unknown) => value is Settings[K] };

const isSwitch = (value: unknown): value is boolean => typeof value === 'boolean';

const CHECKS: Checks = {
  language: (value): value is Settings['language'] =>
    typeof value === 'string' && (value === 'system' || isLanguage(value)),
  theme: (value): value is Settings['theme'] => THEMES.some((theme) => theme === value),
  isContrastHigh: isSwitch,
  hasSound: isSwitch,
  hasVibration: isSwitch,
  hasShortcuts: isSwitch,
};

/** What of the settings was chosen, of what was stored; whatever is not valid was not. Never throws. */
export function readChosen(text: string | null): Partial<Settings> {
  let stored: unknown;
  try {
    stored = JSON.parse(text ?? 'null');
  } catch {
    return {};
  }
  if (typeof stored !== 'object' || stored === null) return {};
  const values = stored as Readonly<Record<string, unknown>>;
  const names = Object.keys(CHECKS) as (keyof Settings)[];
  return Object.fromEntries(
    names
      .filter((name) => Object.hasOwn(values, name) && CHECKS[name](values[name]))
      .map((name) => [name, values[name]]),
  );
}

/** The settings of this browser, the same in all of its tabs, but for what nobody has chosen. */
export class SettingsStore {
  private chosen: Partial<Settings>;
  private current: Settings;
  private readonly listeners = new Set<() => void>();

  /** @param store throws where a browser keeps nothing; then the settings last as long as the page */
  constructor(
    private readonly defaults: Settings,
    private readonly store: () => Pick<Storage, 'getItem' | 'setItem'>,
  ) {
    this.chosen = this.stored();
    this.current = { ...defaults, ...this.chosen };
  }

  readonly get = (): Settings => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  change(part: Partial<Settings>): void {
    this.become({ ...this.chosen, ...part });
    try {
      this.store().setItem(KEY, JSON.stringify(this.chosen));
    } catch {
      // Kept nowhere: it holds for this page.
    }
  }

  /** Another tab has changed what is stored; `key` is null when all of it was cleared. */
  reload(key: string | null): void {
    if (key === KEY || key === null) this.become(this.stored());
  }

  private become(chosen: Partial<Settings>): void {
    this.chosen = chosen;
    this.current = { ...this.defaults, ...chosen };
    for (const listener of this.listeners) listener();
  }

  private stored(): Partial<Settings> {
    try {
      return readChosen(this.store().getItem(KEY));
    } catch {
      return {};
    }
  }
}

export const settings = new SettingsStore(
  defaultSettings(globalThis.location?.pathname ?? '/'),
  () => window.localStorage,
);
