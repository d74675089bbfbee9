import { io, type Socket } from 'socket.io-client';
import timesync, { type TimeSync } from 'timesync/dist/timesync.js';
import { questionTickSchema, roomJoinAckSchema, type Snapshot } from '#libs/protocol';
import { CannotRun } from '../suite.types.js';
import type { ShownBy } from './device.orders.js';

/** What `timesync` sends to; its own transport is not used. */
const SERVER = 'server';
/** As many samples as the SDK takes, for a fair comparison; by itself it takes 5, a second apart. */
const MANY = { repeat: 32, delay: 200 };

interface Message {
  readonly endsAt: number;
  readonly remainingMs: number;
  readonly heardMs: number;
}

/** A client of one's own making: hears ticks, and shows what is left in the ways that one thinks of first. */
export class PlainClient {
  private readonly quick: TimeSync;
  private readonly thorough: TimeSync;

  private constructor(
    private readonly socket: Socket,
    private readonly wallMs: () => number,
    private last: Message,
  ) {
    this.quick = this.timesync({});
    this.thorough = this.timesync(MANY);
    socket.on('question:tick', (payload: unknown) => this.hear(questionTickSchema.parse(payload)));
  }

  /** @param wallMs the device's time of day */
  static async join(url: string, pin: string, wallMs: () => number): Promise<PlainClient> {
    const socket = io(`${url}/quiz`, { transports: ['websocket'], forceNew: true, query: { pin } });
    const joined = roomJoinAckSchema.parse(await socket.emitWithAck('room:join', { pin, ticks: true }));
    if (!joined.ok) throw new CannotRun(`A join was refused: ${joined.error.message}`);
    return new PlainClient(socket, wallMs, messageOf(joined.snapshot));
  }

  /** What it shows at this instant, milliseconds; `rightMs` is what a device clock that is right would tell. */
  shown(rightMs: number): Record<Exclude<ShownBy, 'sdk'>, number> {
    const { endsAt, remainingMs, heardMs } = this.last;
    const left = (ms: number) => Math.max(0, ms);
    return {
      timesync: left(endsAt - this.quick.now()),
      'timesync-32': left(endsAt - this.thorough.now()),
      'counted-on': left(remainingMs - (performance.now() - heardMs)),
      'last-tick': remainingMs,
      'device-clock': left(endsAt - this.wallMs()),
      'right-clock': left(endsAt - rightMs),
    };
  }

  close(): void {
    this.quick.destroy();
    this.thorough.destroy();
    this.socket.disconnect();
  }

  private timesync(options: { readonly repeat?: number; readonly delay?: number }): TimeSync {
    const made = timesync.create({ ...options, server: SERVER, now: this.wallMs });
    made.send = async (_, { id }) => {
      const ack: unknown = await this.socket.emitWithAck('clock:sync', { sentAt: 0 });
      const { serverNow } = ack as { readonly serverNow: number };
      made.receive(SERVER, { id, result: serverNow });
    };
    return made;
  }

  private hear(snapshot: Pick<Snapshot, 'endsAt' | 'remainingMs'>): void {
    this.last = messageOf(snapshot);
  }
}

function messageOf({ endsAt, remainingMs }: Pick<Snapshot, 'endsAt' | 'remainingMs'>): Message {
  if (endsAt === null || remainingMs === null) throw new CannotRun('There is no question to show.');
  return { endsAt, remainingMs, heardMs: performance.now() };
}
