/** One recorded conversation of a client with a server; conformance/README.md says how to use it. */
export interface Vector {
  readonly format: 1;
  readonly protocol: 1;
  readonly name: string;
  /** What a client shows that passes it. */
  readonly about: string;
  /** How the member under test gets in. */
  readonly member: MemberUnderTest;
  readonly steps: readonly Step[];
}

export interface MemberUnderTest {
  readonly pin?: string;
  readonly token?: string;
  readonly name?: string;
  readonly ticks: boolean;
}

/** What whoever drives the client under test has to make it do; absent where it must act by itself. */
export type Action = { readonly [method: string]: unknown };

/** What a client must know after a frame; times are those of the frame, milliseconds. */
export interface View {
  readonly phase: string;
  readonly questionId: string | null;
  readonly runId: number | null;
  readonly version: number;
  readonly endsAt: number | null;
  readonly remainingMs: number | null;
}

interface Timed {
  /** Milliseconds since the first step. */
  readonly at: number;
  /** Which connection, counted from 1. */
  readonly connection: number;
}

/** The client sends a frame. */
export interface ClientStep extends Timed {
  readonly client: string;
  readonly action?: Action;
}

/** The server sends a frame. */
export interface ServerStep extends Timed {
  readonly server: string;
  /** Lost on its way: not to be played, and the client has to find out. */
  readonly withheld?: true;
  /** An earlier frame once more: it must change nothing. */
  readonly again?: true;
  readonly view?: View;
}

/** The connection ends. */
export interface EndStep extends Timed {
  readonly end: 'server' | 'client';
}

export type Step = ClientStep | ServerStep | EndStep;

export const isClientStep = (step: Step): step is ClientStep => 'client' in step;
export const isServerStep = (step: Step): step is ServerStep => 'server' in step;
export const isEndStep = (step: Step): step is EndStep => 'end' in step;
