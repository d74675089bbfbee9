import { createHash, timingSafeEqual } from 'node:crypto';
import { API_ACTOR_PREFIX } from '#libs/room';

const ACTOR_CHARACTERS = 12;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The API keys of this installation. */
export class ApiKeys {
  private readonly digests: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.digests = keys.map(digest);
  }

  /**
   * The name under which the holder of a key gives commands, or null for no key of ours. The same key has the same name
   * at every gateway and after every restart, since repeats of a command are told by it.
   *
   * Takes the same time for every text: digests have one length, and all of them are compared.
   */
  actorOf(key: string): string | null {
    const given = digest(key);
    let isKnown = false;
    for (const known of this.digests) isKnown = timingSafeEqual(known, given) || isKnown;
    return isKnown ? `${API_ACTOR_PREFIX}${given.toString('hex').slice(0, ACTOR_CHARACTERS)}` : null;
  }
}
