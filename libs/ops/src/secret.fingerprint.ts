import { createHmac } from 'node:crypto';

/** Enough to tell a handful of secrets apart; nothing rests on it. */
const FINGERPRINT_CHARACTERS = 12;

/**
 * Names for secrets, in their order: the same secret has the same name in all processes of an installation and another one in
 * the next installation, and a name says nothing of its secret that a token would not say as well.
 *
 * @param prefix the installation's key prefix
 */
export function secretFingerprints(secrets: readonly string[], prefix: string): string[] {
  return secrets.map((secret) =>
    createHmac('sha256', secret)
      .update(`fingerprint of a secret of ${prefix}`)
      .digest('hex')
      .slice(0, FINGERPRINT_CHARACTERS),
  );
}
