import { Redis } from 'ioredis';
import { serve } from '../process/bench.worker.js';
import type { EarOrders } from './ear.orders.js';

/** Channels in one SSUBSCRIBE. */
const BATCH = 500;

let ears: Redis[] = [];
let heard = 0;

serve<EarOrders>({
  async listen({ redisUrl, channels, connections }) {
    heard = 0;
    ears = Array.from({ length: connections }, () => new Redis(redisUrl));
    for (const ear of ears) {
      ear.on('smessageBuffer', () => {
        heard += 1;
      });
      for (let i = 0; i < channels.length; i += BATCH) await ear.ssubscribe(...channels.slice(i, i + BATCH));
    }
    return {};
  },

  async stop() {
    await Promise.all(ears.map((ear) => ear.quit()));
    ears = [];
    return { heard };
  },
});
