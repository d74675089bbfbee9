import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { type GatewayMetrics, gatewayMetrics } from './metrics.gateway.js';
import { type OutcomeMetrics, outcomeMetrics } from './metrics.outcomes.js';
import { type RedisMetrics, redisMetrics } from './metrics.redis.js';
import { type SchedulerMetrics, schedulerMetrics } from './metrics.scheduler.js';
import { releaseVersion } from './release.version.js';

/**
 * Everything that a process counts, in parts. One object a process. A part is exported from when it is first asked for, so
 * a gateway tells nothing of deadlines that it does not fire.
 */
export class Metrics {
  /** Where a part of another library registers what it counts. */
  readonly registry = new Registry();
  private readonly parts = new Map<string, unknown>();

  get gateway(): GatewayMetrics {
    return this.part('gateway', gatewayMetrics);
  }

  get scheduler(): SchedulerMetrics {
    return this.part('scheduler', schedulerMetrics);
  }

  get redis(): RedisMetrics {
    return this.part('redis', redisMetrics);
  }

  get outcomes(): OutcomeMetrics {
    return this.part('outcomes', outcomeMetrics);
  }

  /** Adds what the process itself tells: release, memory, CPU, event loop. Not in tests: it starts observers. */
  observeProcess(): void {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'quizbell_build_info',
      help: 'Always 1; the label says which release this process runs',
      labelNames: ['version'] as const,
      registers: [this.registry],
    }).set({ version: releaseVersion() }, 1);
  }

  /** The metrics in Prometheus' text format. */
  async text(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  private part<T>(name: string, make: (registers: Registry[]) => T): T {
    const made = (this.parts.get(name) as T | undefined) ?? make([this.registry]);
    this.parts.set(name, made);
    return made;
  }
}
