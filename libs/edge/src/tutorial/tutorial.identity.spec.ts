import { describe, expect, it } from '@jest/globals';
import { SignJWT, UnsecuredJWT } from 'jose';
import { shardOfRoom } from '#libs/room';
import { TutorialIdentities, timerRoomId } from './tutorial.identity.js';

const SECRET = 'a-secret-of-the-apps-own-backend-0001';
const OTHER = 'another-secret-of-the-same-backend-02';
const SHARDS = 8;

const withSecrets = (...secrets: string[]) => new TutorialIdentities(secrets, SHARDS);
const tokenOf = (claims: object, secret = SECRET, alg = 'HS256') =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));

type Given = { token?: unknown; deviceId?: unknown };
const admit = (identities: TutorialIdentities, { token = 'Bearer t', deviceId = 'd' }: Given) =>
  identities.admit({ auth: { token }, query: { deviceId } });

async function roomOf(identities: TutorialIdentities, given: Given): Promise<string> {
  const admission = await admit(identities, given);
  if (admission.kind === 'refused') throw new Error(admission.error.message);
  return admission.roomId;
}
async function refusalOf(identities: TutorialIdentities, given: Given): Promise<unknown[]> {
  const admission = await admit(identities, given);
  if (admission.kind === 'admitted') throw new Error('admitted');
  const { code, message, field, retryable } = admission.error;
  expect(retryable).toBe(false);
  return field === undefined ? [code, message] : [code, field];
}

describe('a client without a good token', () => {
  const none = ['unauthorized', 'Token not provided'];
  const method = ['unauthorized', 'Invalid authentication method. Only Bearer is supported.'];
  const bad = ['unauthorized', 'Authentication error'];

  it("is refused by the tutorial's own words", async () => {
    for (const auth of [undefined, null, {}, 'Bearer t', { token: null }, { token: '' }]) {
      const admission = await withSecrets().admit({ auth, query: { deviceId: 'd' } });
      expect(admission).toMatchObject({ kind: 'refused', error: { message: none[1] } });
    }
    for (const token of ['Basic t', 'bearer t', 't', ' Bearer t', 7, ['Bearer t'], {}]) {
      expect(await refusalOf(withSecrets(), { token })).toEqual(method);
    }
    for (const token of ['Bearer', 'Bearer ', 'Bearer   ']) {
      expect(await refusalOf(withSecrets(), { token })).toEqual(bad);
    }
  });

  it('is refused where there is a secret, unless the secret signed who it is', async () => {
    const hourAgo = Math.floor(Date.now() / 1_000) - 3_600;
    const tokens = [
      'no-jwt',
      await tokenOf({ sub: 'ada' }, 'the-secret-of-somebody-else-entirely'),
      await tokenOf({ sub: 'ada', exp: hourAgo }),
      await tokenOf({}),
      await tokenOf({ sub: '' }),
      await tokenOf({ sub: 7 }),
      await tokenOf({ sub: 'x'.repeat(257) }),
      await tokenOf({ sub: 'ada' }, SECRET, 'HS384'),
      new UnsecuredJWT({}).setSubject('ada').encode(),
    ];
    for (const token of tokens) {
      expect(await refusalOf(withSecrets(SECRET), { token: `Bearer ${token}` })).toEqual(bad);
    }
  });
});

it('a client must say which device it is', async () => {
  const refused = ['invalid_payload', 'deviceId'];
  for (const deviceId of ['', ['a', 'b'], 'x'.repeat(257), 7, null]) {
    expect(await refusalOf(withSecrets(), { deviceId })).toEqual(refused);
  }
  const admission = await withSecrets().admit({ auth: { token: 'Bearer t' }, query: {} });
  expect(admission).toMatchObject({ kind: 'refused', error: { field: 'deviceId' } });
});

describe('the room of a timer', () => {
  it('is the same for a user and device whatever token of theirs it is, where tokens are verified', async () => {
    const identities = withSecrets(OTHER, SECRET);
    const [first, second] = [await tokenOf({ sub: 'ada' }), await tokenOf({ sub: 'ada', iat: 1 }, OTHER)];
    const room = await roomOf(identities, { token: `Bearer ${first}` });
    expect(await roomOf(identities, { token: `Bearer ${second}` })).toBe(room);
    const others = [
      { token: `Bearer ${await tokenOf({ sub: 'Ada' })}` },
      { token: `Bearer ${first}`, deviceId: 'e' },
    ];
    for (const other of others) expect(await roomOf(identities, other)).not.toBe(room);
  });

  it('is the same for a token and device, where they are not', async () => {
    const room = await roomOf(withSecrets(), {});
    expect(await roomOf(withSecrets(), { token: 'Bearer  t ' })).toBe(room);
    for (const other of [{ token: 'Bearer u' }, { token: 'Bearer t u' }, { deviceId: 'D' }]) {
      expect(await roomOf(withSecrets(), other)).not.toBe(room);
    }
  });

  it('is never the same for two users, however their names and devices are put together', () => {
    const names = ['1', '12', '123', '3', '23', '', '"', '","', '\\', '1,"2'];
    const users = names.flatMap((name) => [
      { knownBy: 'sub', name } as const,
      { knownBy: 'token', name } as const,
    ]);
    const rooms = users.flatMap((user) => names.map((deviceId) => timerRoomId(user, deviceId, SHARDS)));
    expect(new Set(rooms).size).toBe(rooms.length);
  });

  it('is a room id of the service, and timers lie in all shards', () => {
    const shards = Array.from({ length: 800 }, (_, i) =>
      shardOfRoom(timerRoomId({ knownBy: 'sub', name: `user-${i}` }, 'd', SHARDS), SHARDS),
    );
    for (let shard = 0; shard < SHARDS; shard++) {
      expect(shards.filter((one) => one === shard).length).toBeGreaterThan(50);
    }
  });

  it('does not change from release to release: a timer would be lost', () => {
    expect(timerRoomId({ knownBy: 'sub', name: 'ada' }, 'phone', 8)).toBe('004mc9lzgihlm3fgfs3rkr6n');
  });
});
