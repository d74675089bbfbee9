import { beforeEach, describe, expect, it } from '@jest/globals';
import { type DeliveryStore, type Outcome, type OutcomeService, StoreUnavailableError } from '#libs/room';
import type { RunId } from '#libs/timer-core';
import { OutcomeDelivery } from './outcome.delivery.js';
import { BlockedAddressError } from './public.address.js';
import type { WebhookMessage } from './webhook.sender.js';
import { WebhookSigner } from './webhook.signature.js';

type Found = Awaited<ReturnType<OutcomeService['outcomeOfRun']>>;

const JOB = { roomId: 'r1', runId: 17 as RunId };
const OUTCOME = { roomId: 'r1', runId: 17, answers: [{ playerId: 'p1' }] } as unknown as Outcome;
const found = (outcome: object = {}): Found => ({
  kind: 'outcome',
  outcome: { ...OUTCOME, ...outcome } as Outcome,
});
const refused = (code: 'wrong_phase' | 'unavailable' | 'not_found'): Found => ({
  kind: 'refused',
  code,
  message: 'no',
});

let sent: WebhookMessage[];
let answer: () => Promise<number>;
let first: string | null;
let webhook: Awaited<ReturnType<DeliveryStore['webhookOf']>>;
let outcome: () => Promise<Found>;
let delivery: OutcomeDelivery;

beforeEach(() => {
  sent = [];
  answer = async () => 204;
  first = null;
  webhook = { webhook: 'https://room.example/hook' };
  outcome = async () => found();
  delivery = deliveryWith('https://all.example/hook');
});

function deliveryWith(url: string | undefined): OutcomeDelivery {
  return new OutcomeDelivery({
    outcomes: { outcomeOfRun: () => outcome() },
    store: {
      webhookOf: async () => webhook,
      firstBody: async (_roomId, _runId, digest) => {
        first ??= digest;
        return first;
      },
    },
    sender: {
      post: (message) => {
        sent.push(message);
        return answer();
      },
    },
    signer: new WebhookSigner([Buffer.alloc(32, 7).toString('base64')]),
    url,
  });
}

const idOf = (message: WebhookMessage | undefined) => message?.headers['webhook-id'];

describe('where an outcome goes', () => {
  it("to the room's own webhook", async () => {
    expect(await delivery.deliver(JOB)).toEqual({ kind: 'delivered', status: 204 });
    expect(sent.map(({ url, body }) => [url.href, JSON.parse(body.toString())])).toEqual([
      ['https://room.example/hook', OUTCOME],
    ]);
  });

  it('else to the webhook of all rooms', async () => {
    webhook = { webhook: null };
    await delivery.deliver(JOB);
    expect(sent.map(({ url }) => url.href)).toEqual(['https://all.example/hook']);
  });

  it('else nowhere; nor when the room or its run is forgotten', async () => {
    webhook = { webhook: null };
    expect(await deliveryWith(undefined).deliver(JOB)).toMatchObject({ kind: 'nothing' });
    webhook = null;
    expect(await delivery.deliver(JOB)).toMatchObject({ kind: 'nothing' });
    webhook = { webhook: null };
    outcome = async () => refused('not_found');
    expect(await delivery.deliver(JOB)).toMatchObject({ kind: 'nothing' });
    expect(sent).toEqual([]);
  });
});

describe('an id names one body', () => {
  it('the first has the name of the run, and has it again in each further try', async () => {
    await delivery.deliver(JOB);
    await delivery.deliver(JOB);
    expect(sent.map(idOf)).toEqual(['outcome-r1-17', 'outcome-r1-17']);
    expect(sent[0]?.body).toEqual(sent[1]?.body);
  });

  it('a body without a player who was erased has another one, the same in each try', async () => {
    await delivery.deliver(JOB);
    outcome = async () => found({ answers: [] });
    await delivery.deliver(JOB);
    await delivery.deliver(JOB);
    const [one, two, three] = sent.map(idOf);
    expect(one).toBe('outcome-r1-17');
    expect(two).toMatch(/^outcome-r1-17-[0-9a-f]{16}$/);
    expect(three).toBe(two);
  });

  it('a body after a loss of data has another one even if nobody remembers the one before', async () => {
    outcome = async () => found({ afterDataLoss: true });
    await delivery.deliver(JOB);
    expect(idOf(sent[0])).toMatch(/^outcome-r1-17-[0-9a-f]{16}$/);
  });
});

describe('what comes of a try', () => {
  it.each([
    [200, 'delivered'],
    [299, 'delivered'],
    [301, 'failed'],
    [404, 'failed'],
    [410, 'refused'],
    [429, 'failed'],
    [500, 'failed'],
  ])('the answer %i: %s', async (status, kind) => {
    answer = async () => status;
    expect(await delivery.deliver(JOB)).toMatchObject({ kind });
  });

  it('no answer: failed; an address that is not allowed: refused', async () => {
    answer = () => Promise.reject(new AggregateError([new Error('one'), new Error('two')]));
    expect(await delivery.deliver(JOB)).toEqual({ kind: 'failed', why: 'one; two' });
    answer = () => Promise.reject(new BlockedAddressError('internal'));
    expect(await delivery.deliver(JOB)).toEqual({ kind: 'refused', why: 'internal' });
  });

  it('of a run that is settled while it is looked at: delivered', async () => {
    let looks = 0;
    outcome = async () => (++looks < 3 ? refused('wrong_phase') : found());
    expect(await delivery.deliver(JOB)).toEqual({ kind: 'delivered', status: 204 });
  });

  it('not settled yet, a store that is away, or a stop: later, and no try', async () => {
    outcome = async () => refused('wrong_phase');
    expect(await delivery.deliver(JOB)).toEqual({ kind: 'later', why: 'unsettled' });
    outcome = async () => refused('unavailable');
    expect(await delivery.deliver(JOB)).toEqual({ kind: 'later', why: 'store' });
    outcome = () => Promise.reject(new StoreUnavailableError('away'));
    expect(await delivery.deliver(JOB)).toEqual({ kind: 'later', why: 'store' });
    outcome = async () => found();
    answer = async () => {
      delivery.stop();
      throw new Error('aborted');
    };
    expect(await delivery.deliver(JOB)).toEqual({ kind: 'later', why: 'stopping' });
    expect(await delivery.deliver(JOB)).toEqual({ kind: 'later', why: 'stopping' });
    expect(sent).toHaveLength(1);
  });
});
