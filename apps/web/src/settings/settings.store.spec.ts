import { describe, expect, it } from '@jest/globals';
import { defaultSettings, readChosen, SettingsStore } from './settings.store.js';

const DEFAULTS = defaultSettings('/');

function fakeStore() {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => {
      values.set(key, value);
    },
  };
}

describe('stored settings', () => {
  it('are what was chosen', () => {
    const chosen = { language: 'de', theme: 'dark', hasSound: false } as const;
    expect(readChosen(JSON.stringify(chosen))).toEqual(chosen);
  });

  it.each([null, '', '{', 'null', '7', '[]', '{"theme":"pink","language":"constructor","hasSound":"no"}'])(
    'are none where they are not valid: %s',
    (text) => expect(readChosen(text)).toEqual({}),
  );
});

describe('what nobody has chosen', () => {
  it('is a sound on the big screen only: a room full of phones would be noise', () => {
    const paths = ['/screen/r1', '/play/123456', '/host/r1', '/'];
    expect(paths.map((path) => defaultSettings(path).hasSound)).toEqual([true, false, false, false]);
  });

  it('stays open when something else is chosen', () => {
    const kept = fakeStore();
    new SettingsStore(defaultSettings('/play/123456'), () => kept).change({ theme: 'dark' });
    const { hasSound, theme } = new SettingsStore(defaultSettings('/screen/r1'), () => kept).get();
    expect([hasSound, theme]).toEqual([true, 'dark']);
  });
});

describe('the store of settings', () => {
  it('keeps what is changed, and tells it', () => {
    const kept = fakeStore();
    const store = new SettingsStore(DEFAULTS, () => kept);
    let told = 0;
    const stop = store.subscribe(() => {
      told += 1;
    });
    store.change({ hasSound: true });
    stop();
    store.change({ theme: 'dark' });
    expect(told).toBe(1);
    const again = new SettingsStore(DEFAULTS, () => kept).get();
    expect(again).toEqual({ ...DEFAULTS, hasSound: true, theme: 'dark' });
  });

  it('follows another tab, and nothing else that is stored', () => {
    const kept = fakeStore();
    const [here, there] = [new SettingsStore(DEFAULTS, () => kept), new SettingsStore(DEFAULTS, () => kept)];
    there.change({ language: 'es' });
    here.reload('something.else');
    expect(here.get().language).toBe('system');
    here.reload('quizbell.settings');
    expect(here.get().language).toBe('es');
  });

  it('holds for the page where a browser keeps nothing', () => {
    const store = new SettingsStore(DEFAULTS, () => {
      throw new DOMException('denied', 'SecurityError');
    });
    store.change({ hasVibration: false });
    expect(store.get().hasVibration).toBe(false);
  });
});
