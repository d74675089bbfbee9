import { CannotRun } from '../suite.types.js';
import { GuardedChild } from './guarded.child.js';

/** What a worker can be told to do, by name: what it is given, and what it gives back. All of it survives JSON. */
export type Orders = Record<string, { readonly order: object; readonly reply: object }>;

interface OrderMessage {
  readonly id: number;
  readonly name: string;
  readonly order: object;
}

type ReplyMessage =
  | { readonly id: number; readonly reply: object }
  | { readonly id: number; readonly failure: string };

/** A process of the bench that does what it is told, so that its work takes no time from whoever measures. */
export class BenchWorker<O extends Orders> {
  private readonly child: GuardedChild;
  private readonly waiting = new Map<
    number,
    { resolve: (reply: object) => void; reject: (failure: Error) => void }
  >();
  private orders = 0;

  /** @param script compiled, and calling `serve` */
  constructor(name: string, script: string) {
    this.child = new GuardedChild({
      name,
      command: process.execPath,
      args: ['--enable-source-maps', script],
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      hasChannel: true,
    });
    this.child.onMessage((message) => this.settle(message as ReplyMessage));
    void this.child.ended.then((how) => {
      for (const { reject } of this.waiting.values()) reject(new CannotRun(how));
      this.waiting.clear();
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** @throws CannotRun when it fails, or when the process has ended */
  async request<Name extends keyof O & string>(
    name: Name,
    order: O[Name]['order'],
  ): Promise<O[Name]['reply']> {
    if (this.child.hasEnded) throw new CannotRun(await this.child.ended);
    const id = ++this.orders;
    const reply = new Promise<object>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.child.send({ id, name, order });
    return (await reply) as O[Name]['reply'];
  }

  stop(): Promise<void> {
    return this.child.stop();
  }

  private settle(message: ReplyMessage): void {
    const waiter = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if ('failure' in message) waiter?.reject(new CannotRun(`${this.child.name}: ${message.failure}`));
    else waiter?.resolve(message.reply);
  }
}

/** Does what the parent orders, until SIGTERM or the parent's end. */
export function serve<O extends Orders>(
  handlers: {
    readonly [Name in keyof O]: (order: O[Name]['order']) => Promise<O[Name]['reply']>;
  },
): void {
  process.on('message', (message) => {
    const { id, name, order } = message as OrderMessage;
    // Names come from `request`, which knows the same table.
    const handler = handlers[name] as (order: object) => Promise<object>;
    handler(order).then(
      (reply) => process.send?.({ id, reply } satisfies ReplyMessage),
      (failure: unknown) => {
        const text = failure instanceof Error ? (failure.stack ?? failure.message) : String(failure);
        process.send?.({ id, failure: text } satisfies ReplyMessage);
      },
    );
  });
  process.once('disconnect', () => process.exit(0));
  process.once('SIGTERM', () => process.exit(0));
}
