import { describe, expect, it } from '@jest/globals';
import { durationMs, epochMs, type RunRecord, version } from '#libs/timer-core';
import type { AnswerStore, RunSummary, SettledRun } from './answer.ports.js';
import type { MemberStore, Role } from './member.ports.js';
import { OutcomeService } from './outcome.service.js';
import { StoreUnavailableError } from './room.ports.js';

const T0 = 1_700_000_000_000;
const at = (ms: number) => epochMs(T0 + ms);

const settledRun = (runId: number, questionId = 'q1'): SettledRun => ({
  record: {
    runId: version(runId),
    questionId,
    endsAt: at(2_000),
    closedAt: at(2_000),
    reason: 'expired',
  } as RunRecord,
  settledAt: at(3_000),
  correct: null,
  timeline: [
    {
      event: 'started',
      at: at(1_000),
      version: version(runId),
      endsAt: at(2_000),
      durationMs: durationMs(1_000),
    },
  ],
  answers: [],
  earlier: [],
});
const summary = (runId: number, questionId = 'q1', isSettled = true): RunSummary => ({
  runId: version(runId),
  questionId,
  settledAt: isSettled ? at(3_000) : null,
});

function serviceOf(given: {
  readonly runs?: readonly RunSummary[] | null;
  readonly retoldAt?: number;
  /** Ids of the runs whose answers are kept; all, if absent. */
  readonly kept?: readonly number[];
  readonly role?: Role;
  readonly isKnown?: boolean;
}) {
  const done: string[] = [];
  const away = { isAway: false };
  const call = (name: string) => {
    done.push(name);
    if (away.isAway) throw new StoreUnavailableError('away');
  };
  const answers: Pick<AnswerStore, 'newestRun' | 'runs' | 'settledRun' | 'erasePlayer'> = {
    newestRun: async (_, questionId) => {
      call('newest');
      return (given.runs ?? []).findLast((run) => run.questionId === questionId)?.runId ?? null;
    },
    runs: async (_, runIds) => {
      call(runIds === undefined ? 'all runs' : `runs ${runIds}`);
      const { runs = [], retoldAt } = given;
      if (runs === null) return null;
      const asked = runs.filter(({ runId }) => runIds?.includes(runId) ?? true);
      return { runs: asked, retoldAt: retoldAt === undefined ? null : at(retoldAt) };
    },
    settledRun: async (_, runId) => {
      call(`run ${runId}`);
      const run = (given.runs ?? []).find((one) => one.runId === runId);
      if (run === undefined || given.kept?.includes(runId) === false) return null;
      return settledRun(runId, run.questionId);
    },
    erasePlayer: async () => {
      call('erase');
      return given.isKnown ?? true;
    },
  };
  const members: Pick<MemberStore, 'roleOf' | 'remove'> = {
    roleOf: async () => given.role ?? null,
    remove: async (_, playerId, removal) => call(`remove ${playerId} ${removal}`),
  };
  return { service: new OutcomeService(answers, members), done, away };
}

const refusal = (code: string, field?: string) =>
  field === undefined
    ? { kind: 'refused', code, message: expect.any(String) }
    : { kind: 'refused', code, message: expect.any(String), field };

describe('the outcome of a run', () => {
  it('is that of the newest run of the question, or of the named one', async () => {
    const { service } = serviceOf({ runs: [summary(1), summary(2), summary(3, 'q2')] });
    expect(await service.outcome('room', { questionId: 'q1' })).toMatchObject({ outcome: { runId: 2 } });
    expect(await service.outcome('room', { questionId: 'q1', runId: version(1) })).toMatchObject({
      outcome: { runId: 1, roomId: 'room' },
    });
  });

  it('is found without reading every run of the room', async () => {
    const { service, done } = serviceOf({ runs: [summary(1), summary(2), summary(3, 'q2')] });
    await service.outcome('room', { questionId: 'q1' });
    await service.outcome('room', { questionId: 'q1', runId: version(1) });
    await service.outcomeOfRun('room', version(3));
    expect(done).toEqual(['newest', 'runs 2', 'run 2', 'newest', 'runs 1', 'run 1', 'runs 3', 'run 3']);
  });

  it('is refused by what is missing', async () => {
    const runs = [summary(1), summary(2), summary(3, 'q2', false)];
    const { service } = serviceOf({ runs, kept: [1] });
    const asked = (questionId: string, runId?: number) =>
      service.outcome('room', { questionId, ...(runId === undefined ? {} : { runId: version(runId) }) });
    expect(await asked('q3')).toEqual(refusal('not_found', 'questionId'));
    expect(await asked('q1', 3)).toEqual(refusal('not_found', 'runId'));
    expect(await asked('q2')).toEqual(refusal('wrong_phase'));
    // Its answers are not kept any more.
    expect(await asked('q1')).toEqual(refusal('not_found', 'questionId'));
    expect(await asked('q1', 2)).toEqual(refusal('not_found', 'runId'));
    const nobody = serviceOf({ runs: null }).service;
    expect(await nobody.outcome('room', { questionId: 'q1' })).toEqual(refusal('room_not_found'));
  });

  it('says that answers may be missing only if the store lost writes while it was not settled', async () => {
    const runs = [summary(1)];
    const lost = await serviceOf({ runs, retoldAt: 1_500 }).service.outcome('room', { questionId: 'q1' });
    expect(lost).toMatchObject({ outcome: { afterDataLoss: true } });
    const before = await serviceOf({ runs, retoldAt: 900 }).service.outcome('room', { questionId: 'q1' });
    expect(before).not.toHaveProperty('outcome.afterDataLoss');
  });

  it('of a store that is away is unknown', async () => {
    const { service, away } = serviceOf({ runs: [summary(1)] });
    away.isAway = true;
    expect(await service.outcome('room', { questionId: 'q1' })).toMatchObject({ code: 'unavailable' });
    expect(await service.outcomes('room')).toMatchObject({ code: 'unavailable' });
    expect(await service.erasePlayer('room', 'p1')).toMatchObject({ code: 'unavailable' });
  });
});

describe('the outcomes of a room', () => {
  const listed = async (service: OutcomeService): Promise<number[]> => {
    const result = await service.outcomes('room');
    if (result.kind !== 'outcomes') throw new Error(JSON.stringify(result));
    const ids: number[] = [];
    for await (const { runId } of result.outcomes) ids.push(runId);
    return ids;
  };

  it('are those of the settled runs that are kept, each read when it is its turn', async () => {
    const runs = [summary(1), summary(2, 'q2', false), summary(3), summary(4), summary(5)];
    const { service, done } = serviceOf({ runs, kept: [1, 4, 5] });
    const result = await service.outcomes('room');
    if (result.kind !== 'outcomes') throw new Error('refused');
    expect(done).toEqual(['all runs', 'run 1']);
    expect(await listed(service)).toEqual([1, 4, 5]);
  });

  it('may be none; of a room that nobody knows there are not even none', async () => {
    expect(await listed(serviceOf({ runs: [summary(1, 'q1', false)] }).service)).toEqual([]);
    expect(await serviceOf({ runs: null }).service.outcomes('room')).toEqual(refusal('room_not_found'));
  });

  it('break off when the store goes away on the way', async () => {
    const { service, away } = serviceOf({ runs: [summary(1), summary(2)] });
    const result = await service.outcomes('room');
    if (result.kind !== 'outcomes') throw new Error('refused');
    away.isAway = true;
    const ids: number[] = [];
    await expect(
      (async () => {
        for await (const { runId } of result.outcomes) ids.push(runId);
      })(),
    ).rejects.toThrow(StoreUnavailableError);
    expect(ids).toEqual([1]);
  });
});

describe('erasing a player', () => {
  it('puts the member out first, so that nothing comes back', async () => {
    const { service, done } = serviceOf({ role: 'player' });
    expect(await service.erasePlayer('room', 'p1')).toEqual({ kind: 'erased' });
    expect(done).toEqual(['runs ', 'remove p1 kicked', 'erase']);
  });

  it('who is no member any more, but had answered, is erased too', async () => {
    const { service, done } = serviceOf({});
    expect(await service.erasePlayer('room', 'p1')).toEqual({ kind: 'erased' });
    expect(done).toEqual(['runs ', 'erase']);
  });

  it('is refused for a stranger, for the host, and in a room that nobody knows', async () => {
    expect(await serviceOf({ isKnown: false }).service.erasePlayer('room', 'p1')).toEqual(
      refusal('not_found', 'playerId'),
    );
    const { service, done } = serviceOf({ role: 'host' });
    expect(await service.erasePlayer('room', 'p1')).toEqual(refusal('forbidden'));
    expect(done).toEqual(['runs ']);
    expect(await serviceOf({ runs: null }).service.erasePlayer('room', 'p1')).toEqual(
      refusal('room_not_found'),
    );
  });
});
