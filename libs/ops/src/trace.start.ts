import type { Config } from './config.loader.js';
import type { Logger } from './log.factory.js';
import { releaseVersion } from './release.version.js';
import type { RunTraces } from './trace.types.js';

/** Undefined when traces are not asked for: then nothing of OpenTelemetry is even loaded. */
export async function startTraces(
  config: Pick<Config, 'traces' | 'role'>,
  logger: Logger,
): Promise<RunTraces | undefined> {
  const { traces, role } = config;
  if (!traces.isOn) return undefined;
  const { TraceExporter } = await import('./trace.exporter.js');
  return new TraceExporter({
    serviceName: `quizbell-${role}`,
    version: releaseVersion(),
    ratio: traces.ratio,
    logger,
  });
}
