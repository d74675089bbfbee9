import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { DOCS_SCRIPT, DOCS_STYLE } from './docs.page.js';

/** A file of the page. */
export interface UiFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzipped: Buffer;
}

const compress = promisify(gzip);
const packages = createRequire(import.meta.url);

const SCRIPT = 'text/javascript; charset=utf-8';
const STYLE = 'text/css; charset=utf-8';
const fromPackage = (name: string) => readFile(packages.resolve(`swagger-ui-dist/${name}`));

/** All there are: a name of the address never becomes a path. */
const SOURCES = new Map<string, { type: string; read: () => Promise<Buffer> }>([
  ['docs.js', { type: SCRIPT, read: async () => Buffer.from(DOCS_SCRIPT) }],
  ['docs.css', { type: STYLE, read: async () => Buffer.from(DOCS_STYLE) }],
  ['swagger-ui-bundle.js', { type: SCRIPT, read: () => fromPackage('swagger-ui-bundle.js') }],
  ['swagger-ui.css', { type: STYLE, read: () => fromPackage('swagger-ui.css') }],
]);

/** The files of the page under `/docs`, read and compressed (1.9 MB, 0.5 MB) when somebody first asks for them. */
export class UiFiles {
  private readonly made = new Map<string, Promise<UiFile>>();

  /**
   * @returns null for a name that is none of the page's
   * @throws Error when the package is not installed whole
   */
  async get(name: string): Promise<UiFile | null> {
    const source = SOURCES.get(name);
    if (source === undefined) return null;
    const made = this.made.get(name) ?? make(source);
    this.made.set(name, made);
    return made;
  }
}

async function make({ type, read }: { type: string; read: () => Promise<Buffer> }): Promise<UiFile> {
  const plain = await read();
  return { type, plain, gzipped: await compress(plain) };
}
