import { WebSocket } from 'ws';
import { eventually, type LooseJson } from '#libs/testing';
import { eventFrame, parseFrame } from './frames.js';
import type { Action, MemberUnderTest, ServerStep, Step, View } from './vector.types.js';

/** What comes at its own time, within a second of a change: before a command in one run, after it in the next. */
const NOT_RECORDED = ['room:presence', 'answers:count'];

/** A client by bare frames that writes down everything that is said. It acts as the scenario says, nothing by itself. */
export class Recorder {
  readonly steps: Step[] = [];
  private socket: WebSocket | undefined;
  private connection = 0;
  private acks = 0;
  private beganAt = 0;
  private view: View | undefined;

  constructor(
    private readonly url: string,
    readonly member: MemberUnderTest,
  ) {}

  /** Opens a connection and enters the namespace. */
  async connect(): Promise<void> {
    if (this.beganAt === 0) this.beganAt = performance.now();
    this.connection += 1;
    this.acks = 0;
    const { connection } = this;
    const { pin } = this.member;
    const query = `EIO=4&transport=websocket${pin === undefined ? '' : `&pin=${pin}`}`;
    const socket = new WebSocket(`${this.url.replace(/^http/, 'ws')}/socket.io/?${query}`);
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data) => this.hear(connection, String(data)));
    socket.on('close', () => {
      if (this.socket === socket) this.note({ end: 'server' });
    });
    await this.heard((step) => step.server.startsWith('0'));
    this.say('40/quiz,');
    await this.heard((step) => step.server.startsWith('40/quiz,'));
  }

  /** Sends a command and gives its acknowledgement. */
  async call(event: string, payload: object, action?: Action): Promise<LooseJson> {
    const ack = this.acks++;
    this.say(eventFrame(event, payload, ack), action);
    const answer = await this.heard((step) => step.server.startsWith(`43/quiz,${ack}[`));
    return (parseFrame(answer.server) as { payload: LooseJson }).payload;
  }

  /** The join that a client of this member sends. */
  join(again: object = {}): Promise<LooseJson> {
    return this.call('room:join', { ...this.member, ...again });
  }

  /** Waits for an event that comes after the last step of this connection's own making. */
  async event(name: string, matches: (payload: LooseJson) => boolean = () => true): Promise<LooseJson> {
    const from = this.steps.findLastIndex((step) => 'client' in step);
    const step = await this.heard((one) => {
      const frame = parseFrame(one.server);
      return frame.kind === 'event' && frame.event === name && matches(frame.payload);
    }, from);
    return (parseFrame(step.server) as { payload: LooseJson }).payload;
  }

  /** Takes the newest frame of that event for lost: the client under test will not get it. */
  withhold(name: string): void {
    const index = this.steps.findLastIndex((step) => 'server' in step && step.server.includes(`"${name}"`));
    const { view: _, ...step } = this.steps[index] as ServerStep;
    this.steps[index] = { ...step, withheld: true };
    this.view = this.steps
      .slice(0, index)
      .findLast((one): one is ServerStep => 'server' in one && !!one.view)?.view;
  }

  /** Lets the newest frame of that event be played once more. */
  repeat(name: string): void {
    const earlier = this.steps.findLast((step) => 'server' in step && step.server.includes(`["${name}"`));
    const { server } = earlier as ServerStep;
    this.note({ server, again: true, ...(this.view === undefined ? {} : { view: this.view }) });
  }

  /** The network is cut: neither side says goodbye. */
  cut(): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.terminate();
    this.note({ end: 'server' });
  }

  /** The client goes by itself. */
  close(): void {
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
  }

  /** Waits for the server to end the connection. */
  async ended(): Promise<void> {
    await eventually(() => 'end' in (this.steps.at(-1) as Step), {
      message: 'the connection did not end',
    });
  }

  private say(client: string, action?: Action): void {
    this.note({ client, ...(action === undefined ? {} : { action }) });
    this.socket?.send(client);
  }

  private hear(connection: number, text: string): void {
    if (text === '2') {
      this.socket?.send('3');
      return;
    }
    const frame = parseFrame(text);
    if (frame.kind === 'event' && NOT_RECORDED.includes(frame.event)) return;
    const snapshot = snapshotOf(frame);
    if (snapshot !== undefined && (this.view === undefined || snapshot.version >= this.view.version)) {
      this.view = viewOf(snapshot);
    }
    const view = snapshot === undefined ? {} : { view: this.view as View };
    this.note({ server: text, ...view }, connection);
  }

  private note(step: object, connection = this.connection): void {
    const at = Math.round(performance.now() - this.beganAt);
    this.steps.push({ at, connection, ...step } as Step);
  }

  private async heard(matches: (step: ServerStep) => boolean, from = 0): Promise<ServerStep> {
    const { connection } = this;
    const found = () =>
      this.steps.findLast(
        (step, index): step is ServerStep =>
          index >= from && step.connection === connection && 'server' in step && matches(step),
      );
    return eventually(found, { message: 'a frame of the server did not come' });
  }
}

/** The state that a frame tells, if any. */
export function snapshotOf(frame: ReturnType<typeof parseFrame>): LooseJson | undefined {
  if (frame.kind !== 'event' && frame.kind !== 'ack') return undefined;
  const { payload } = frame;
  return payload?.snapshot ?? (typeof payload?.phase === 'string' ? payload : undefined);
}

function viewOf({ phase, questionId, runId, version, endsAt, remainingMs }: LooseJson): View {
  return { phase, questionId, runId, version, endsAt, remainingMs };
}
