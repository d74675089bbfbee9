import { describeRateLimits } from '../../room/test/rate.limits.suite.js';
import { MemoryLimits } from '../src/access/memory.limits.js';

describeRateLimits('memory', async (rates) => ({ limits: new MemoryLimits(rates), close: async () => {} }));
