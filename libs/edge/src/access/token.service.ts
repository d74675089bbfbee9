import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { ID_PATTERN, ROLES } from '#libs/protocol';
import type { Role } from '#libs/room';

/** Who somebody is in which room. */
export interface Identity {
  readonly roomId: string;
  readonly playerId: string;
  readonly role: Role;
  readonly name: string;
}

/** An identity that a good token proved. */
export interface ProvenIdentity extends Identity {
  /** The whole life of the token, in milliseconds: a renewed one lives as long. */
  readonly lifeMs: number;
}

/** Life of a token for which nobody asked another: a day, longer than any quiz. */
export const TOKEN_LIFE_MS = 86_400_000;

const ALGORITHM = 'HS256';

const claimsSchema = z.object({
  rid: z.string().regex(ID_PATTERN),
  role: z.enum(ROLES),
  sub: z.string().regex(ID_PATTERN),
  name: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
});

/**
 * Signs and verifies tokens: JWTs with `rid`, `role`, `sub`, `name`, `iat`, `exp`, signed by HS256. The first secret
 * signs, all verify: so a secret is replaced by putting the new one first and dropping the old one a token's life later.
 */
export class TokenService {
  private readonly keys: readonly Uint8Array[];

  /** @param secrets at least one */
  constructor(secrets: readonly string[]) {
    this.keys = secrets.map((secret) => new TextEncoder().encode(secret));
  }

  /** @param lifeMs rounded up to whole seconds, which is what a JWT can say */
  async issue({ roomId, role, playerId, name }: Identity, lifeMs: number = TOKEN_LIFE_MS): Promise<string> {
    const [key] = this.keys;
    if (key === undefined) throw new Error('There is no secret to sign tokens with.');
    const issuedAt = Math.floor(Date.now() / 1_000);
    return new SignJWT({ rid: roomId, role, name })
      .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
      .setSubject(playerId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + Math.ceil(lifeMs / 1_000))
      .sign(key);
  }

  /** Null for a token that is malformed, signed by nobody known, expired, or not made by us. Never throws. */
  async verify(token: string): Promise<ProvenIdentity | null> {
    for (const key of this.keys) {
      const verified = await jwtVerify(token, key, { algorithms: [ALGORITHM] }).catch(() => null);
      const claims = claimsSchema.safeParse(verified?.payload);
      if (!claims.success) continue;
      const { rid, role, sub, name, iat, exp } = claims.data;
      return { roomId: rid, playerId: sub, role, name, lifeMs: (exp - iat) * 1_000 };
    }
    return null;
  }
}
