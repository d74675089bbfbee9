import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { luaScripts } from './generated/lua.scripts.js';

const GENERATOR = join(import.meta.dirname, '..', '..', '..', 'scripts', 'generate-lua.mjs');

describe('the embedded scripts', () => {
  it('are those of the .lua files (npm run generate)', () => {
    const { status, stderr } = spawnSync(process.execPath, [GENERATOR, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('know no global names, and take their time from one place', () => {
    for (const text of Object.values(luaScripts)) {
      expect(text.match(/^\s*function /gm)).toBeNull();
      expect(text.match(/'TIME'/g)?.length ?? 0).toBeLessThanOrEqual(1);
    }
  });
});
