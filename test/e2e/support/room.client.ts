import { type Ack, eventually, type LooseJson, type ReceivedEvent, rest, TestClient } from '#libs/testing';

export interface TestRoom {
  readonly roomId: string;
  readonly pin: string;
  readonly hostToken: string;
}

/** Somebody who is in a room by a connection of their own. */
export interface TestMember {
  readonly client: TestClient;
  /** What the join was answered with. */
  readonly ack: Ack;
  readonly playerId: string;
  readonly token: string;
}

const clients = new Set<TestClient>();

/** A connection that `closeAllClients` ends. */
export async function connect(url: string): Promise<TestClient> {
  const client = await TestClient.connect(url);
  clients.add(client);
  return client;
}

/** Ends every connection of this test file. For `afterEach` and `afterAll`. */
export function closeAllClients(): void {
  for (const client of clients) client.close();
  clients.clear();
}

/** The acknowledgement, or an error that tells the refusal. */
export function accepted(ack: Ack): Ack {
  if (!ack.ok) throw new Error(`refused: ${JSON.stringify(ack.error)}`);
  return ack;
}

/** Sends a command that must not be refused. */
export async function command(client: TestClient, event: string, payload: object = {}): Promise<Ack> {
  return accepted(await client.call(event, payload));
}

/** Sends a question command that must not be refused; gives the snapshot that it made. */
export async function commandSnapshot(
  client: TestClient,
  event: string,
  payload: object = {},
): Promise<LooseJson> {
  return (await command(client, event, payload)).snapshot;
}

/** A `clock:sync` with the version of the room; a gateway that does not know it yet answers without it rather than late. */
export function syncWithVersion(client: TestClient): Promise<Ack> {
  return eventually(async () => {
    const ack = await command(client, 'clock:sync', { sentAt: 0 });
    return ack.version !== undefined && ack;
  });
}

export async function createRoom(url: string, settings?: object, key?: string): Promise<TestRoom> {
  const answer = await rest(`${url}/v1/rooms`, { body: settings === undefined ? {} : { settings }, key });
  if (answer.status !== 201) throw new Error(`no room: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** A token of the room for one more member. */
export async function tokenFor(
  url: string,
  room: TestRoom,
  role: string,
  more: object = {},
): Promise<string> {
  const answer = await rest(`${url}/v1/rooms/${room.roomId}/tokens`, {
    key: room.hostToken,
    body: { role, ...more },
  });
  if (answer.status !== 201) throw new Error(`no token: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.token;
}

/** Connects and joins. */
export async function join(url: string, payload: object): Promise<TestMember> {
  const client = await connect(url);
  const ack = accepted(await client.call('room:join', payload));
  return { client, ack, playerId: ack.playerId, token: ack.token };
}

/** The room's host, connected to that gateway. */
export function hostOf(url: string, room: TestRoom): Promise<TestMember> {
  return join(url, { token: room.hostToken });
}

/** A member with a token of their own. */
export async function memberOf(url: string, room: TestRoom, role: string): Promise<TestMember> {
  return join(url, { token: await tokenFor(url, room, role) });
}

/** One new player, connected to that gateway. */
export function playerOf(url: string, room: TestRoom, more: object = {}): Promise<TestMember> {
  return join(url, { pin: room.pin, ...more });
}

/** So many new players, named `p0`, `p1`, ..., connected to that gateway. */
export function playersOf(
  url: string,
  room: TestRoom,
  count: number,
  more: object = {},
): Promise<TestMember[]> {
  return Promise.all(
    Array.from({ length: count }, (_, i) => playerOf(url, room, { name: `p${i}`, ...more })),
  );
}

/** The shortest good `question:start`: a minute, no ticks. */
export function startOf(questionId: string, more: object = {}): LooseJson {
  return { questionId, durationMs: 60_000, tickMs: 0, ...more };
}

/** What changed the room, in the order of arrival: every event that has a version, but ticks. */
export function changesOf(client: TestClient): ReceivedEvent[] {
  return client.received.filter(
    ({ event, payload }) => event !== 'question:tick' && typeof payload?.version === 'number',
  );
}

/** Waits for the change that made this version, whatever it is. An event and an acknowledgement come in any order. */
export async function heardVersion(client: TestClient, version: number): Promise<ReceivedEvent> {
  return eventually(() => changesOf(client).find(({ payload }) => payload.version === version), {
    message: `version ${version} was not heard`,
  });
}

/** `event version` of every change that the client heard. */
export function historyOf(client: TestClient): string[] {
  return changesOf(client).map(({ event, payload }) => `${event} ${payload.version}`);
}

/** Waits until the room's clock has reached the instant. */
export async function untilServerTime(client: TestClient, at: number, timeoutMs = 30_000): Promise<void> {
  await eventually(async () => (await command(client, 'clock:sync', { sentAt: 0 })).serverNow >= at, {
    timeoutMs,
    everyMs: 20,
    message: `the server's clock did not reach ${at}`,
  });
}
