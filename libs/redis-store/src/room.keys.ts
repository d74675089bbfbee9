import { type Audience, shardOfRoom } from '#libs/room';
import { shardTag } from './shard.tags.js';

/** The keys of one room. */
export interface RoomKeys {
  /**
   * Hash: `v` (version), `state`, `content`, `settings` (JSON), `seenAt`, `closed`, `removed:<playerId>` (`<why> <role> `
   * and the name key).
   */
  readonly room: string;
  /**
   * Hash by run id: the run's record (JSON); `<runId>:correct`, `<runId>:settledAt`, `<runId>:body`
   * (digest of the body that was sent first), `<runId>:timeline` (JSON lines), `<runId>:next` (the run that was settled
   * after it); `newest:<questionId>` (id of the question's newest run), `live` (ids of the runs that answers can be meant
   * for, between blanks), `firstSettled` and `lastSettled` (of the settled runs, which are a list by `<runId>:next`).
   */
  readonly runs: string;
  /** Hash by player id: the player's record (JSON, with `nameKey`). */
  readonly players: string;
  /** Hash by name key: the player id that has the name, or `banned`. */
  readonly names: string;
  /** Hash by player id: `<gateway>/<connection> ` and the member's record (JSON, `role` first). */
  readonly presence: string;
  /** Hash by `<gateway>/<role>`: how many are connected; `presence`, `answers`: what was told last. */
  readonly counts: string;
}

/** The keys of the answers to one run; they live for the retention time after the run was settled. */
export interface AnswerKeys {
  /** Hash by player id: the accepted answer (JSON). */
  readonly answers: string;
  /** Hash by player id: refused and replaced answers, `<answerId> ` and JSON a line. */
  readonly earlier: string;
}

/** The keys of one shard. */
export interface ShardKeys {
  /** Hash: `owner`, `epoch`, `until` (the lease), `correction` (ms, added to Redis TIME), `redisRun` (run id of Redis),
   * `rooms` (how many are not over). */
  readonly owner: string;
  /** Sorted set by instant: `<roomId>` (+inf for a room that waits for a command), `<roomId>/<runId>` for a run to settle. */
  readonly due: string;
  /** Stream: which room changed. */
  readonly changes: string;
  /** Hash by gateway: the instant of its last heartbeat. */
  readonly gateways: string;
  /** Set of rooms whose members or answers changed since they were last told. */
  readonly stirred: string;
}

/**
 * Every key and channel name of the service. All begin with the configured prefix; all of a shard carry its hash tag.
 */
export class KeySpace {
  private readonly tags: string[];

  constructor(
    readonly prefix: string,
    readonly shards: number,
  ) {
    this.tags = Array.from({ length: shards }, (_, shard) => `{${shardTag(shard, shards)}}`);
  }

  /** The shard of a room. @throws RangeError for what is no room id of this service */
  shardOf(roomId: string): number {
    const shard = shardOfRoom(roomId, this.shards);
    if (shard === null) throw new RangeError('not a room id of this service');
    return shard;
  }

  /** Before the counters of a limit that all gateways share: strings by address, with a TTL of the limit's window. */
  limit(name: string): string {
    return `${this.prefix}:limit:${name}`;
  }

  /** Hash of what all processes must agree on: `shards`. */
  get meta(): string {
    return `${this.prefix}:meta`;
  }

  /** Sorted set of living schedulers by their last beat. */
  get schedulers(): string {
    return `${this.prefix}:schedulers`;
  }

  /** Hash by process: what it says of itself to operators (JSON: `release`, `secrets`, `seenAt`). */
  get processes(): string {
    return `${this.prefix}:processes`;
  }

  /** Channel on which a scheduler says which shard it has given back. */
  get releasedShards(): string {
    return `${this.prefix}:released`;
  }

  /** Holds the room id of a PIN. */
  pin(pin: string, shard: number): string {
    return `${this.prefix}:${this.tag(shard)}pin:${pin}`;
  }

  shard(shard: number): ShardKeys {
    const base = `${this.prefix}:${this.tag(shard)}`;
    return {
      owner: `${base}owner`,
      due: `${base}due`,
      changes: `${base}changes`,
      gateways: `${base}gateways`,
      stirred: `${base}stirred`,
    };
  }

  room(roomId: string, shard: number): RoomKeys {
    const base = `${this.prefix}:${this.tag(shard)}`;
    return {
      room: `${base}room:${roomId}`,
      runs: `${base}runs:${roomId}`,
      players: `${base}players:${roomId}`,
      names: `${base}names:${roomId}`,
      presence: `${base}presence:${roomId}`,
      counts: `${base}counts:${roomId}`,
    };
  }

  answers(roomId: string, runId: number, shard: number): AnswerKeys {
    const base = `${this.prefix}:${this.tag(shard)}`;
    return {
      answers: `${base}answers:${roomId}/${runId}`,
      earlier: `${base}earlier:${roomId}/${runId}`,
    };
  }

  /** The Socket.IO room of an audience; with 24 characters of room id never 20 characters long. */
  socketRoom(audience: Audience, roomId: string, shard: number, playerId = ''): string {
    return `${audience}:${this.tag(shard)}${roomId}${playerId === '' ? '' : `:${playerId}`}`;
  }

  /** The channel on which the sharded adapter of `namespace` hears of a Socket.IO room (dynamic mode). */
  adapterChannel(socketRoom: string, namespace: string): string {
    return `${this.prefix}#${namespace}#${socketRoom}#`;
  }

  /** The channel by which a gateway hears whether it hears its shard. */
  canaryChannel(shard: number, gatewayId: string): string {
    return `${this.prefix}:${this.tag(shard)}canary:${gatewayId}`;
  }

  private tag(shard: number): string {
    const tag = this.tags[shard];
    if (tag === undefined) throw new RangeError(`no shard ${shard} of ${this.shards}`);
    return tag;
  }
}
