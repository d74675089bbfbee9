import { createHash } from 'node:crypto';
import { jwtVerify } from 'jose';
import { type WireError, wireError } from '#libs/protocol';
import { newRoomId } from '#libs/room';

/** What a client says of itself when it connects. */
export interface TutorialHandshake {
  readonly auth: unknown;
  readonly query: Readonly<Record<string, unknown>>;
}

/** The room that holds the timer of a user's device, or why the client may not connect; `message` is the tutorial's. */
export type TutorialAdmission =
  | { readonly kind: 'admitted'; readonly roomId: string }
  | { readonly kind: 'refused'; readonly error: WireError };

const ALGORITHM = 'HS256';
const MAX_SUBJECT_CHARACTERS = 256;
const MAX_DEVICE_CHARACTERS = 256;

/** Bytes of the digest that choose the shard. */
const SHARD_BYTES = 4;
/** Of digits and small letters, as room ids have. */
const ID_RADIX = 36;

/**
 * Who a client of the tutorial is: a user and a device. The user is the `sub` of a verified token, or the token itself
 * where there is no secret to verify one with. Never throws.
 */
export class TutorialIdentities {
  private readonly keys: readonly Uint8Array[];

  /**
   * @param secrets any of them verifies a token; none: whoever has a token is a user
   * @param shards of the store
   */
  constructor(
    secrets: readonly string[],
    private readonly shards: number,
  ) {
    this.keys = secrets.map((secret) => new TextEncoder().encode(secret));
  }

  async admit({ auth, query }: TutorialHandshake): Promise<TutorialAdmission> {
    const given = (auth as { readonly token?: unknown } | null | undefined)?.token;
    if (given === undefined || given === null || given === '') return unauthorized('Token not provided');
    const [method, ...rest] = typeof given === 'string' ? given.split(' ') : [];
    if (method !== 'Bearer') {
      return unauthorized('Invalid authentication method. Only Bearer is supported.');
    }
    const user = await this.userOf(rest.join(' ').trim());
    if (user === null) return unauthorized('Authentication error');
    const { deviceId } = query;
    if (typeof deviceId !== 'string' || deviceId === '' || deviceId.length > MAX_DEVICE_CHARACTERS) {
      const message = `The query needs one deviceId, of 1 to ${MAX_DEVICE_CHARACTERS} characters`;
      return { kind: 'refused', error: wireError('invalid_payload', message, { field: 'deviceId' }) };
    }
    return { kind: 'admitted', roomId: timerRoomId(user, deviceId, this.shards) };
  }

  /** Null for a token that proves nobody. */
  private async userOf(token: string): Promise<TutorialUser | null> {
    if (token === '') return null;
    if (this.keys.length === 0) return { knownBy: 'token', name: sha256(token).toString('hex') };
    for (const key of this.keys) {
      const verified = await jwtVerify(token, key, { algorithms: [ALGORITHM] }).catch(() => null);
      const sub: unknown = verified?.payload.sub;
      if (typeof sub !== 'string' || sub === '' || sub.length > MAX_SUBJECT_CHARACTERS) continue;
      return { knownBy: 'sub', name: sub };
    }
    return null;
  }
}

/** A user, by what names them: so a hash is never taken for the `sub` of somebody else. */
export interface TutorialUser {
  readonly knownBy: 'sub' | 'token';
  readonly name: string;
}

/** The same for the same user and device at every gateway. As JSON, "1" and "23" are not "12" and "3". */
export function timerRoomId({ knownBy, name }: TutorialUser, deviceId: string, shards: number): string {
  const digest = sha256(JSON.stringify(['timer', knownBy, name, deviceId]));
  const shard = digest.readUInt32BE(0) % shards;
  const digits = BigInt(`0x${digest.subarray(SHARD_BYTES).toString('hex')}`).toString(ID_RADIX);
  return newRoomId({ token: (length) => digits.padStart(length, '0').slice(-length) }, shard);
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

const unauthorized = (message: string): TutorialAdmission => ({
  kind: 'refused',
  error: wireError('unauthorized', message),
});
