import { describe, expect, it } from '@jest/globals';
import type { InstallationFacts, LivingProcess } from '#libs/redis-store';
import { installationChecks } from './installation.checks.js';

const HERE = { prefix: 'quizbell', shards: 8, secrets: [] as string[] };
const gateway = (id: string, ...secrets: string[]): LivingProcess => ({
  id,
  isGateway: true,
  isScheduler: false,
  release: '1.0.0',
  secrets,
});
const scheduler = (id: string): LivingProcess => ({ ...gateway(id), isGateway: false, isScheduler: true });
const SCHEDULERS = [scheduler('s1'), scheduler('s2')];

function statusesOf(facts: Partial<InstallationFacts>, here = HERE): Record<string, string> {
  const all = installationChecks({ shards: 8, ownerlessShards: [], processes: [], ...facts }, here);
  return Object.fromEntries(all.map(({ id, status }) => [id, status]));
}
const ofGateways = (...gateways: LivingProcess[]) => statusesOf({ processes: [...SCHEDULERS, ...gateways] });

describe('the checks of an installation', () => {
  it('find nothing where two of each are alive', () => {
    const statuses = ofGateways(gateway('a', 'x'), gateway('b', 'x'));
    expect(new Set(Object.values(statuses))).toEqual(new Set(['good']));
  });

  it('take the single process for both', () => {
    const single = { ...gateway('a', 'x'), isScheduler: true };
    expect(statusesOf({ processes: [single] })).toMatchObject({ gateways: 'warning', schedulers: 'warning' });
  });

  it.each<[string, string[][], string]>([
    ['one secret', [['x'], ['x']], 'good'],
    ['two secrets', [['x'], ['y']], 'wrong'],
    [
      'a rotation, the new one known to all',
      [
        ['x', 'y'],
        ['y', 'x'],
      ],
      'info',
    ],
    ['a rotation that signs with what one does not know', [['x', 'y'], ['y']], 'wrong'],
    ['the first step of a rotation', [['x'], ['x', 'y']], 'info'],
    ['its last step', [['y', 'x'], ['y']], 'info'],
    ['the old one dropped too early', [['x'], ['y', 'x']], 'wrong'],
    ['a secret that is not told', [['x'], []], 'unknown'],
    ['three, of which one is a stranger', [['x'], ['x'], ['z']], 'wrong'],
  ])('judge %s', (_, lists, status) => {
    const gateways = lists.map((secrets, i) => gateway(`g${i}`, ...secrets));
    expect(ofGateways(...gateways).secrets).toBe(status);
  });

  it('compare with the environment here, where it has a secret', () => {
    const facts = { processes: [gateway('a', 'x', 'y')] };
    expect(statusesOf(facts)).not.toHaveProperty('secret-here');
    expect(statusesOf(facts, { ...HERE, secrets: ['x'] })).toMatchObject({ 'secret-here': 'good' });
    expect(statusesOf(facts, { ...HERE, secrets: ['z'] })).toMatchObject({ 'secret-here': 'warning' });
  });

  it('judge shards, owners and releases', () => {
    expect(statusesOf({ shards: 4 })).toMatchObject({ shards: 'wrong' });
    expect(statusesOf({ shards: undefined })).toMatchObject({ shards: 'info' });
    expect(statusesOf({ ownerlessShards: [3] })).toMatchObject({ 'shard-owners': 'wrong' });
    const running = (...releases: (string | undefined)[]) =>
      statusesOf({ processes: releases.map((release, i) => ({ ...gateway(`g${i}`, 'x'), release })) })
        .releases;
    expect(running('1', '2')).toBe('warning');
    expect(running('1', '2', '3')).toBe('wrong');
    expect(running('1', undefined)).toBe('unknown');
  });

  it('say so when nothing could be read', () => {
    expect(installationChecks('NOPERM', HERE)).toEqual([
      expect.objectContaining({ id: 'installation', status: 'unknown', found: 'NOPERM' }),
    ]);
  });
});
