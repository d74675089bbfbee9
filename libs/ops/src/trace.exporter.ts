import { setTimeout as delay } from 'node:timers/promises';
import {
  type Attributes,
  type Context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  SpanKind,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { type RunTraceIds, runTraceIds } from './trace.ids.js';
import type { RunSpan, RunTraces } from './trace.types.js';

export interface TraceExporterOptions {
  /** `quizbell-gateway`; the resource's name unless OTEL_SERVICE_NAME says another. */
  readonly serviceName: string;
  readonly version: string;
  /** The part of all runs that is traced, 0 to 1. Each process decides by the trace's id, so all decide the same. */
  readonly ratio: number;
  readonly logger: { warn(details: object, message: string): void };
}

/** How long a stop waits for a collector (ms). */
const CLOSE_WITHIN_MS = 1_000;

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

/**
 * Sends spans of runs to an OTLP collector, by HTTP, in batches. Where to and with which headers is OpenTelemetry's own
 * environment: OTEL_EXPORTER_OTLP_ENDPOINT and so on. The only file that knows OpenTelemetry's packages; loaded when needed.
 */
export class TraceExporter implements RunTraces {
  private readonly ids = new PlannedIds();
  private readonly provider: BasicTracerProvider;

  constructor({ serviceName, version, ratio, logger }: TraceExporterOptions) {
    const warn = (message: string) => logger.warn({ trouble: message }, 'Traces could not be sent');
    const silent = () => undefined;
    diag.setLogger(
      { error: warn, warn, info: silent, debug: silent, verbose: silent },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    this.provider = new BasicTracerProvider({
      idGenerator: this.ids,
      sampler: new TraceIdRatioBasedSampler(ratio),
      resource: resourceFromAttributes({
        'service.name': process.env.OTEL_SERVICE_NAME ?? serviceName,
        'service.version': version,
        'service.instance.id': `${serviceName}-${process.pid}`,
      }),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
    });
  }

  traceId(roomId: string, runId: number): string {
    return runTraceIds(roomId, runId).traceId;
  }

  tell(span: RunSpan): void {
    const ids = runTraceIds(span.roomId, span.runId);
    // Of the wall's time, as every trace is: by Redis' clock it would not fit the spans of other services.
    const endedAt = Date.now();
    const options = {
      kind: KINDS[span.kind],
      startTime: endedAt - span.tookMs,
      attributes: attributesOf(span),
      root: span.isRoot ?? false,
      links: span.askedBy === undefined ? [] : [{ context: span.askedBy }],
    };
    this.ids.planned = span.isRoot ? ids : undefined;
    this.provider.getTracer('quizbell').startSpan(span.name, options, below(ids)).end(endedAt);
    this.ids.planned = undefined;
  }

  async close(): Promise<void> {
    const closed = this.provider.shutdown().catch(() => undefined);
    await Promise.race([closed, delay(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }
}

/** Random ids, but while a span with known ones is made. */
class PlannedIds extends RandomIdGenerator {
  planned: RunTraceIds | undefined;

  constructor() {
    super();
    const { generateTraceId, generateSpanId } = this;
    this.generateTraceId = () => this.planned?.traceId ?? generateTraceId();
    this.generateSpanId = () => this.planned?.rootSpanId ?? generateSpanId();
  }
}

/** Below the run's start, wherever that was told. */
const below = ({ traceId, rootSpanId }: RunTraceIds): Context =>
  trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId: rootSpanId,
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  });

const attributesOf = ({ roomId, runId, questionId, version, details }: RunSpan): Attributes => ({
  'quizbell.room_id': roomId,
  'quizbell.run_id': runId,
  ...(questionId === undefined ? {} : { 'quizbell.question_id': questionId }),
  ...(version === undefined ? {} : { 'quizbell.version': version }),
  ...Object.fromEntries(Object.entries(details ?? {}).map(([name, value]) => [`quizbell.${name}`, value])),
});
