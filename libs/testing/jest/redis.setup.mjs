import { acquireOnce } from './redis.shared.mjs';

// A default export because jest asks for one.
export default acquireOnce;
