import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { met } from './differential.met.js';
import { ListPlayer } from './differential.player.js';
import { differentialWorld, type World } from './differential.world.js';
import { Random } from './seeded.random.js';

/** Repeats the commands of a run; the instants are those of a real Redis and differ a little each time. */
const SEED = Number(process.env.QUIZBELL_TEST_SEED ?? randomInt(2 ** 31));
const LISTS = Number(process.env.QUIZBELL_TEST_LISTS ?? 2_400);
const STEPS = 12;
/** Time jumps by shard, so each worker has one of its own. */
const WORKERS = 8;

let world: World;

beforeAll(async () => {
  world = await differentialWorld(WORKERS);
});
afterAll(() => world.close());

describe('the memory and the Redis adapter', () => {
  it(`do the same in ${LISTS} lists of random steps`, async () => {
    console.info(`QUIZBELL_TEST_SEED=${SEED}`);
    let next = 0;
    const work = async (worker: number): Promise<void> => {
      const twins = world.twins[worker];
      while (next < LISTS && twins !== undefined) {
        const number = next++;
        const player = new ListPlayer(twins, new Random(SEED + number));
        await player.play(STEPS).catch((error: Error) => {
          next = LISTS;
          throw new Error(`list ${number} of seed ${SEED}: ${error.message}\n  ${player.log.join('\n  ')}`);
        });
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(worker)));
    console.info(
      Object.entries(met)
        .map(([what, count]) => `${what} ${count}`)
        .join(', '),
    );
    for (const [what, count] of Object.entries(met))
      expect({ what, met: count > 0 }).toEqual({ what, met: true });
  }, 120_000);
});
