import { describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { TokenService } from './token.service.js';

const OLD = 'an-old-secret-of-the-rotation-000001';
const NEW = 'a-new-secret-of-the-rotation-0000002';
const host = { roomId: '003abc', playerId: 'h_1', role: 'host', name: 'Ada' } as const;
const keyOf = (secret: string) => new TextEncoder().encode(secret);

/** A token as nobody here would make it. */
const forged = (claims: Record<string, unknown>, secret = NEW, expiry = '1h') =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime(expiry)
    .sign(keyOf(secret));

describe('tokens', () => {
  const tokens = new TokenService([NEW, OLD]);

  it('prove room, role, player and name', async () => {
    expect(await tokens.verify(await tokens.issue(host))).toEqual({ ...host, lifeMs: 86_400_000 });
    expect(await tokens.verify(await tokens.issue(host, 1_500))).toEqual({ ...host, lifeMs: 2_000 });
  });

  it('are signed by the first secret and verified by all, so that a secret can be replaced', async () => {
    const before = await new TokenService([OLD]).issue(host);
    expect(await tokens.verify(before)).toMatchObject(host);
    const after = await tokens.issue(host);
    expect(await new TokenService([NEW]).verify(after)).toMatchObject(host);
    expect(await new TokenService([OLD]).verify(after)).toBeNull();
  });

  it('are worth nothing when expired, foreign, incomplete, without a signature or no token at all', async () => {
    const claims = { rid: host.roomId, role: 'host', sub: 'h_1', name: 'Ada' };
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify({ ...claims, iat: 1, exp: 9e9 })).toString('base64url')}.`;
    const worthless = [
      await forged(claims, NEW, '-1s'),
      await forged(claims, 'some-other-secret-altogether-000003'),
      await forged({ ...claims, role: 'king' }),
      await forged({ role: 'host', sub: 'h_1', name: 'Ada' }),
      none,
      'not a token',
    ];
    expect(await Promise.all(worthless.map((token) => tokens.verify(token)))).toEqual(
      worthless.map(() => null),
    );
    expect(await tokens.verify(await forged(claims))).toMatchObject(host);
  });
});
