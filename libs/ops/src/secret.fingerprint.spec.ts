import { describe, expect, it } from '@jest/globals';
import { secretFingerprints } from './secret.fingerprint.js';

describe('the fingerprints of secrets', () => {
  it('are the same for the same secrets of an installation, in their order', () => {
    const [one = '', other = ''] = secretFingerprints(['one', 'other'], 'quizbell');
    expect(secretFingerprints(['other', 'one'], 'quizbell')).toEqual([other, one]);
    expect(one).not.toBe(other);
  });

  it('do not tell that two installations have the same one, nor the secret', () => {
    const [here = ''] = secretFingerprints(['a-secret'], 'quizbell');
    expect(secretFingerprints(['a-secret'], 'another')).not.toContain(here);
    expect(here).toMatch(/^[0-9a-f]{12}$/);
  });
});
