import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's package `faketime` has the library in a folder by machine; elsewhere there may be no such folder at all. */
const FOLDER = (existsSync('/usr/lib') ? readdirSync('/usr/lib') : [])
  .map((machine) => `/usr/lib/${machine}`)
  .find((folder) => existsSync(`${folder}/faketime/libfaketimeMT.so.1`));

// The C library goes before jemalloc, with which redis-server is linked: jemalloc asks for the time while libfaketime is
// still being set up, which libfaketime cannot bear.
const PRELOADED = `${FOLDER}/faketime/libfaketimeMT.so.1:${FOLDER}/libc.so.6`;

/** Why wall clocks cannot be moved here, or undefined. */
export const cannotFakeTime: string | undefined =
  FOLDER === undefined ? 'libfaketime is missing (Debian: apt-get install faketime)' : undefined;

/** The wall clock of one process, moved by libfaketime; its monotonic clock stays true. */
export class WallClock {
  private readonly folder = mkdtempSync(join(tmpdir(), 'quizbell-clock-'));
  private readonly file = join(this.folder, 'offset');

  constructor(offsetSeconds: number) {
    this.set(offsetSeconds);
  }

  /** For the process whose clock this is. */
  get env(): Record<string, string> {
    return {
      LD_PRELOAD: PRELOADED,
      FAKETIME_TIMESTAMP_FILE: this.file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** Steps the clock: from now on it is so many seconds off. */
  set(offsetSeconds: number): void {
    writeFileSync(this.file, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
