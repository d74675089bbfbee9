import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** A file of the pages, in memory. */
export interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  /** Of `plain`, with its quotes. */
  readonly etag: string;
  /** Made when it is first asked for; null for what is compressed already. */
  gzipped(): Promise<Buffer | null>;
}

const compress = promisify(gzip);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.md': 'text/markdown; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};
const COMPRESSED = new Set(['.png', '.woff2']);

/**
 * All files of a folder, by their path in an address (`/assets/index-1a2b.js`). Read once, at the start: so a build beside a
 * running process changes nothing under it, and a name of an address never becomes a path.
 *
 * @param folder a missing one has no files
 */
export function readPageFiles(folder: string): ReadonlyMap<string, PageFile> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  return new Map(names.map((name) => [`/${name.split(path.sep).join('/')}`, read(path.join(folder, name))]));
}

function read(file: string): PageFile {
  const extension = path.extname(file);
  const plain = readFileSync(file);
  let made: Promise<Buffer> | undefined;
  return {
    type: TYPES[extension] ?? 'application/octet-stream',
    plain,
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    gzipped: async () => {
      if (COMPRESSED.has(extension)) return null;
      made ??= compress(plain, { level: 9 });
      return made;
    },
  };
}
