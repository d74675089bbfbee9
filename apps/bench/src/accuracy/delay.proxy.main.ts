import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { figuresOf } from '../percentiles.js';
import { serve } from '../process/bench.worker.js';
import { seeded } from '../seeded.random.js';
import { DelayLine, type LinkProfile } from './delay.line.js';
import type { ProxyOrders } from './proxy.orders.js';

/** Room for a connection's seeds: one for each direction. */
const DIRECTIONS = 2;

const held: number[] = [];

/** One direction of a connection: writes each piece to `to` when the line lets it out. */
class HeldDirection {
  private readonly queue: { readonly at: number; readonly act: () => void }[] = [];

  constructor(
    from: Socket,
    private readonly to: Socket,
    private readonly line: DelayLine,
  ) {
    from.on('data', (piece) => this.hold(() => to.write(piece)));
    // The end of a connection is a piece like any other.
    from.on('end', () => this.hold(() => to.end()));
    from.on('error', () => {}); // its end follows
    from.on('close', () => to.destroySoon());
  }

  private hold(act: () => void): void {
    const nowMs = performance.now();
    const at = this.line.releaseAt(nowMs);
    held.push(at - nowMs);
    // One timer for the head only: Node's timers of different lengths may swap places.
    if (this.queue.push({ at, act }) === 1) this.arm();
  }

  private arm(): void {
    const [head] = this.queue;
    if (head !== undefined) setTimeout(() => this.release(), Math.max(0, head.at - performance.now()));
  }

  private release(): void {
    const nowMs = performance.now();
    while (this.queue[0] !== undefined && this.queue[0].at <= nowMs) {
      const { act } = this.queue.shift() ?? {};
      if (this.to.writable) act?.();
    }
    this.arm();
  }
}

async function start(host: string, port: number, link: LinkProfile, seed: number): Promise<number> {
  let connections = 0;
  const server = createServer({ noDelay: true }, (client) => {
    const first = seed + DIRECTIONS * connections++;
    const gateway = connect({ host, port, noDelay: true });
    new HeldDirection(client, gateway, new DelayLine(link, seeded(first)));
    new HeldDirection(gateway, client, new DelayLine(link, seeded(first + 1)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

serve<ProxyOrders>({
  async start({ host, port, link, seed }) {
    return { port: await start(host, port, link, seed) };
  },
  async held() {
    return { pieces: held.length, ...figuresOf(held) };
  },
});
