// What every process needs around its work: configuration, logging, metrics, health, its life from start to signal.
export { type Config, loadConfig, type ProcessRole } from './config.loader.js';
export { ConfigurationError, problemsOf } from './configuration.error.js';
export { type HealthReport, liveness, type ReadinessCheck, readiness } from './health.check.js';
export { listenOn, portOf } from './http.listen.js';
export { createLogger, type Logger, type LoggerOptions } from './log.factory.js';
export { type Running, runMain } from './main.runner.js';
export { Metrics } from './metrics.registry.js';
export { MonotonicClock, monotonicEpochMs } from './monotonic.clock.js';
export { NestLogger } from './nest.logger.js';
export { OpsServer, type OpsServerOptions } from './ops.server.js';
export { RandomIds } from './random.ids.js';
export { libraryRate, RateCounter } from './rate.counter.js';
export { releaseVersion } from './release.version.js';
