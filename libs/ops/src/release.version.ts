import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The release of this installation: `version` of the project's package.json, above the sources as well as above `dist`. */
export function releaseVersion(from: string = import.meta.dirname): string {
  const manifest = join(from, 'package.json');
  if (existsSync(manifest))
    return String((JSON.parse(readFileSync(manifest, 'utf8')) as { version?: string }).version);
  const parent = dirname(from);
  if (parent === from) throw new Error('No package.json above this file.');
  return releaseVersion(parent);
}
