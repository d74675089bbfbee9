import { serve } from '../process/bench.worker.js';
import type { AttackerOrders } from './attacker.orders.js';
import { flood } from './hostile.flood.js';
import { storm } from './hostile.frames.js';

serve<AttackerOrders>({
  storm: ({ url, ...options }) => storm(url, options),
  flood: ({ url, ...options }) => flood(url, options),
});
