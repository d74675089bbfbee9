import { useSyncExternalStore } from 'react';
import { type Settings, settings } from './settings.store.js';

/** The settings of this browser; renders again when one changes, also in another tab. */
export function useSettings(): Settings {
  return useSyncExternalStore(settings.subscribe, settings.get);
}
