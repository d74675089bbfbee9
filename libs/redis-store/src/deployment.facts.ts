// What can be seen of a deployment from its Redis. Only seen: what is good and what is wrong says who asked.

/** One server that holds data; what it hides is undefined. */
export interface ServerFacts {
  /** `host:port`. */
  readonly address: string;
  readonly version: string | undefined;
  /** A master of a Redis Cluster. */
  readonly isClustered: boolean;
  /** CONFIG is not allowed: managed Redis. Some settings are known all the same, from INFO. */
  readonly hidesSettings: boolean;
  readonly evictionPolicy: string | undefined;
  readonly usedMemoryBytes: number | undefined;
  /** 0: no bound. */
  readonly maxMemoryBytes: number | undefined;
  readonly appendOnly: boolean | undefined;
  readonly appendFsync: string | undefined;
  /** Points of snapshots, as in the setting `save`; empty: none are made. */
  readonly save: string | undefined;
  /** The last snapshot, or writing of the append-only file, failed. */
  readonly lastWriteFailed: boolean | undefined;
  readonly replicas: number | undefined;
  readonly minReplicasToWrite: number | undefined;
  readonly requiresFullCoverage: boolean | undefined;
  readonly clients: number | undefined;
  readonly maxClients: number | undefined;
  /** Median of a few PINGs (ms). */
  readonly roundTripMs: number;
  /** Its clock minus this machine's (ms), as exact as half a round trip. */
  readonly clockAheadMs: number;
}

/** A process that beats. */
export interface LivingProcess {
  readonly id: string;
  /** Of a gateway, or the single process. */
  readonly isGateway: boolean;
  /** Of a scheduler, or the single process. */
  readonly isScheduler: boolean;
  /** Undefined where it runs a release that told nothing of itself. */
  readonly release: string | undefined;
  /** Names of its token secrets, the one that signs first. */
  readonly secrets: readonly string[];
}

/** What the installation has laid down under its prefix. */
export interface InstallationFacts {
  /** The number of shards of the first start; undefined before it. */
  readonly shards: number | undefined;
  /** Shards that nobody holds now. */
  readonly ownerlessShards: readonly number[];
  readonly processes: readonly LivingProcess[];
}

/** Why Redis could not be asked. */
export interface RedisRefusal {
  readonly kind: 'unreachable' | 'password' | 'forbidden';
  /** Redis' own words, or the system's; never an address with a password. */
  readonly message: string;
}

export type DeploymentFacts =
  | { readonly refusal: RedisRefusal }
  | {
      readonly refusal: undefined;
      readonly servers: readonly ServerFacts[];
      /** A text says why it could not be read. */
      readonly installation: InstallationFacts | string;
    };
