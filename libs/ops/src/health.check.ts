/** Says of each thing that the process needs whether it is there. Throwing means: nothing is known, so not ready. */
export type ReadinessCheck = () => Promise<Readonly<Record<string, boolean>>>;

/** An answer of a health endpoint. */
export interface HealthReport {
  readonly httpStatus: 200 | 503;
  readonly body: {
    readonly status: 'ok' | 'unavailable';
    readonly checks: Readonly<Record<string, boolean>>;
  };
}

/** A check that hangs is a failed one; below the usual probe timeout of orchestrators (3 s and more). */
const CHECK_TIMEOUT_MS = 2_000;

/** The process runs; says nothing of what it needs, so that an outage of Redis restarts no gateway. */
export const liveness = (): HealthReport => ({ httpStatus: 200, body: { status: 'ok', checks: {} } });

/** Whether the process may be given work: 503 as long as one check fails. Never throws. */
export async function readiness(check: ReadinessCheck): Promise<HealthReport> {
  const checks = await withinTime(check).catch(() => ({ answered: false }));
  const isReady = Object.values(checks).every(Boolean);
  return { httpStatus: isReady ? 200 : 503, body: { status: isReady ? 'ok' : 'unavailable', checks } };
}

async function withinTime(check: ReadinessCheck): Promise<Readonly<Record<string, boolean>>> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('The readiness check did not answer.')), CHECK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([check(), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
