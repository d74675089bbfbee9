import type { Room, RoomOptions } from '../client.types.js';
import { type Environment, platformEnvironment } from '../environment.js';
import type { ServerEventName } from '../wire.types.js';
import { FakeGateway, PIN } from './fake.gateway.spec-helper.js';
import { joinRoom, openRoom } from './open.room.js';

/** The platform's, whose device the test wakes, and on which waits of at least `longMs` take `shortenedMs`. */
export class TestEnvironment implements Environment {
  private readonly platform = platformEnvironment();
  private readonly wakes = new Set<() => void>();
  longMs = Number.POSITIVE_INFINITY;
  shortenedMs = 50;

  nowMs = () => this.platform.nowMs();
  wallMs = () => this.platform.wallMs();
  onFrame = (run: () => void) => this.platform.onFrame(run);

  setTimer(run: () => void, delayMs: number): () => void {
    return this.platform.setTimer(run, delayMs >= this.longMs ? this.shortenedMs : delayMs);
  }

  onWake(listener: () => void): () => void {
    this.wakes.add(listener);
    return () => this.wakes.delete(listener);
  }

  wake(): void {
    for (const listener of [...this.wakes]) listener();
  }
}

/** Gateways and rooms of one test. */
export class Scene {
  readonly gateways: FakeGateway[] = [];
  readonly rooms: Room[] = [];
  readonly environment = new TestEnvironment();

  async gateway(port?: number): Promise<FakeGateway> {
    const gateway = await FakeGateway.start(port);
    this.gateways.push(gateway);
    return gateway;
  }

  open(options: Partial<RoomOptions> = {}): Room {
    const room = openRoom(this.options(options));
    this.rooms.push(room);
    return room;
  }

  async join(options: Partial<RoomOptions> = {}): Promise<Room> {
    const room = await joinRoom(this.options(options));
    this.rooms.push(room);
    return room;
  }

  async end(): Promise<void> {
    for (const room of this.rooms) room.disconnect();
    await Promise.all(this.gateways.map((gateway) => gateway.stop()));
  }

  private options(options: Partial<RoomOptions>): RoomOptions {
    const url = this.gateways.map((gateway) => gateway.url);
    return { url, pin: PIN, name: 'Ada', environment: this.environment, ...options };
  }
}

/** What the handlers of these events were told, as `event version`. */
export function toldOf(room: Room, ...events: Exclude<ServerEventName, 'server:draining'>[]): string[] {
  const told: string[] = [];
  for (const event of events) {
    room.on(event, (payload) => {
      const version =
        'version' in payload ? payload.version : 'snapshot' in payload ? payload.snapshot.version : '';
      told.push(`${event} ${version}`);
    });
  }
  return told;
}

/** Every value that `connection` had since, each once in a row. */
export function connectionsOf(room: Room): string[] {
  const seen = [room.state.connection as string];
  room.subscribe(() => {
    if (seen.at(-1) !== room.state.connection) seen.push(room.state.connection);
  });
  return seen;
}
