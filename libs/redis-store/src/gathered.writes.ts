import type { Cluster, Redis } from 'ioredis';
import { Cluster as ClusterClient } from 'ioredis';
import { ScriptCommand } from './script.command.js';

/** So many commands wait at most: Redis can begin with the first while others are still being made. */
const MOST_WAITING = 64;

/** The part of a socket that holds back what is written to it. */
interface CorkableStream {
  cork(): void;
  uncork(): void;
}

/**
 * Has a client send the scripts that may wait together, at the end of the turn of the event loop in which they were asked for:
 * one call of the system for all of them, where each took one of its own, which was a quarter of what an answer cost a
 * gateway (docs/performance.md). What else is sent takes those that wait along, and waits for nobody. Each is still a command
 * of its own, with its own reply and its own failure, in the order in which they were asked for.
 */
export function gatherWrites(client: Redis | Cluster): void {
  if (client instanceof ClusterClient) {
    for (const node of client.nodes()) gatherWritesOf(node);
    client.on('+node', gatherWritesOf);
  } else gatherWritesOf(client);
}

function gatherWritesOf(redis: Redis): void {
  const send = redis.sendCommand.bind(redis);
  const writes = new GatheredWrites();
  redis.sendCommand = (command, ...more) => {
    const mayWait = command instanceof ScriptCommand && command.mayWait;
    // None before it is connected.
    const stream: CorkableStream | undefined = redis.stream;
    if (mayWait && stream !== undefined) writes.hold(stream);
    const reply = send(command, ...more);
    if (!mayWait) writes.release();
    return reply;
  };
}

/** Holds back what is written to a stream until the end of the turn. */
export class GatheredWrites {
  private held: CorkableStream | undefined;
  private waiting = 0;
  private isPlanned = false;

  /** Before each write that may wait. */
  hold(stream: CorkableStream): void {
    if (this.held !== stream || this.waiting >= MOST_WAITING) {
      this.release();
      stream.cork();
      this.held = stream;
    }
    this.waiting += 1;
    if (this.isPlanned) return;
    this.isPlanned = true;
    // Runs when the frames that were ready have been read.
    setImmediate(() => {
      this.isPlanned = false;
      this.release();
    });
  }

  release(): void {
    this.held?.uncork();
    this.held = undefined;
    this.waiting = 0;
  }
}
