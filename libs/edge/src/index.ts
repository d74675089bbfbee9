// The gateway: Socket.IO and REST in front of the use cases. Holds connections, no state of any room.

export { MemoryLimits } from './access/memory.limits.js';
export type { BroadcastPort } from './broadcast.port.js';
export { EdgeBroadcasts } from './edge.broadcasts.js';
export { EdgeModule } from './edge.module.js';
export type { EdgeOptions } from './edge.options.js';
export { EdgeServer } from './edge.server.js';
export { EmbeddedPublisher } from './embedded.publisher.js';
export { tracedStore } from './question.tracing.js';
