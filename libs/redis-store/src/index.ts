export { EVENT_NAMESPACE, eventFrame, tickFrame } from './adapter.frame.js';
export type {
  DeploymentFacts,
  InstallationFacts,
  LivingProcess,
  RedisRefusal,
  ServerFacts,
} from './deployment.facts.js';
export { type InspectionOptions, inspectDeployment } from './deployment.inspection.js';
export type { ProcessCard } from './process.card.js';
export { RedisBackend, type RedisBackendOptions } from './redis.backend.js';
export { LEASE_MS } from './redis.ownership.js';
export { KeySpace } from './room.keys.js';
export { StartupError } from './startup.checks.js';
