import { setTimeout as sleep } from 'node:timers/promises';
import { holdsWithin } from './condition.wait.js';
import type { DrillField } from './drill.field.js';
import type { DrillProcess } from './drill.process.js';
import type { Random } from './seeded.random.js';

/** What a fault is given to do its harm with. */
export interface FaultContext {
  readonly field: DrillField;
  /** Of this round. */
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** What was done, and how long it took until it was made good. */
export interface Injection {
  readonly note: string;
  readonly takeoverMs?: number | undefined;
  readonly reconnectMs?: number | undefined;
}

export type Fault = (context: FaultContext) => Promise<Injection>;

const OWNER_WITHIN_MS = 10_000;
const REJOIN_WITHIN_MS = 20_000;
const FROZEN_MS = { min: 2_000, max: 3_000 }; // a lease ends after 1.2 s
/** A woken owner gets so long to do something that it must not. */
const AFTER_WAKING_MS = 500;

/** A scheduler and the shards that it holds now. */
interface Owner {
  readonly process: DrillProcess;
  readonly owner: string;
  readonly shards: readonly number[];
}

export const killOwner: Fault = async ({ field, signal }) => {
  const victim = await biggestOwner(field, signal);
  const takeoverMs = await field.takeover(victim, () => victim.process.kill(), signal);
  // Not before: the start of a process takes a core for a second, on a machine that may have two.
  await victim.process.launch();
  return { note: `${nameOf(victim)} killed`, takeoverMs };
};

export const freezeOwner: Fault = async ({ field, random, signal }) => {
  const victim = await biggestOwner(field, signal);
  const frozenMs = random.between(FROZEN_MS.min, FROZEN_MS.max);
  const frozenAt = performance.now();
  try {
    const takeoverMs = await field.takeover(victim, () => victim.process.freeze(), signal);
    await sleep(Math.max(0, frozenAt + frozenMs - performance.now()), undefined, { signal });
    return { note: `${nameOf(victim)} frozen for ${frozenMs} ms`, takeoverMs };
  } finally {
    victim.process.wake();
    await sleep(AFTER_WAKING_MS);
  }
};

export const killGateway: Fault = async ({ field, signal }) => {
  const { gateways, urls } = field.cluster;
  const membersOf = (url: string | undefined) =>
    field.clients.filter(({ member }) => member.isJoined && member.url === url).length;
  const counts = urls.map(membersOf);
  const index = counts.indexOf(Math.max(...counts));
  const gateway = gateways[index];
  if (gateway === undefined) throw new Error('There is no gateway');
  const members = counts[index] ?? 0;
  const fromMs = performance.now();
  await gateway.kill();
  const isBack = ({ member }: DrillField['clients'][number]) => member.isJoined && member.url !== urls[index];
  await holdsWithin(REJOIN_WITHIN_MS, () => field.clients.every(isBack), signal);
  const reconnectMs = Math.round(performance.now() - fromMs);
  await gateway.launch();
  return { note: `${gateway.name} with ${members} members killed`, reconnectMs };
};

export const rollingRestart: Fault = async ({ field, signal }) => {
  const { schedulers, gateways } = field.cluster;
  let takeoverMs = 0;
  for (const scheduler of schedulers) {
    const owners = await ownersOf(field);
    const owner = owners.find((one) => one.process === scheduler);
    const restart = async () => {
      await scheduler.stop();
      await scheduler.launch();
    };
    if (owner) takeoverMs = Math.max(takeoverMs, (await field.takeover(owner, restart, signal)) ?? 0);
    else await restart();
  }
  for (const gateway of gateways) {
    await gateway.stop();
    await gateway.launch();
  }
  return { note: `${schedulers.length} schedulers and ${gateways.length} gateways restarted`, takeoverMs };
};

/** Cuts one of the processes' connections; the kind first, because there are many more of some kinds than of others. */
export const cutConnection: Fault = async ({ field, random }) => {
  const list = (await field.redis.client('LIST')) as string;
  const connections = list
    .split('\n')
    .map((line) => ({ id: /\bid=(\d+)/.exec(line)?.[1], name: /\bname=(quizbell-\S+)/.exec(line)?.[1] }))
    .flatMap(({ id, name }) => (id === undefined || name === undefined ? [] : [{ id, kind: kindOf(name) }]));
  const kinds = [...new Set(connections.map(({ kind }) => kind))].sort();
  const kind = random.pick(kinds);
  const { id } = random.pick(connections.filter((one) => one.kind === kind));
  await field.redis.client('KILL', 'ID', id);
  return { note: `a connection cut: ${kind}` };
};

/** `quizbell-gateway-3f9a-commands` -> `gateway commands`. */
function kindOf(name: string): string {
  const parts = name.split('-');
  return `${parts[1]} ${parts.at(-1)}`;
}

async function ownersOf(field: DrillField): Promise<Owner[]> {
  const leases = await field.leases();
  return field.cluster.schedulers
    .map((process) => ({
      process,
      owner: process.processId,
      shards: leases.filter(({ owner }) => owner === process.processId).map(({ shard }) => shard),
    }))
    .filter(({ owner, shards }) => owner !== '' && shards.length > 0);
}

/** The scheduler that holds most shards. @throws Error if none holds any within 10 s */
async function biggestOwner(field: DrillField, signal: AbortSignal): Promise<Owner> {
  let biggest: Owner | undefined;
  await holdsWithin(
    OWNER_WITHIN_MS,
    async () => {
      const owners = await ownersOf(field);
      biggest = owners.sort((a, b) => b.shards.length - a.shards.length)[0];
      return biggest !== undefined;
    },
    signal,
  );
  if (biggest === undefined) throw new Error('No scheduler holds a shard');
  return biggest;
}

const nameOf = ({ process, shards }: Owner): string =>
  `${process.name}, owner of ${shards.length} ${shards.length === 1 ? 'shard' : 'shards'},`;
