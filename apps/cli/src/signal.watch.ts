/** Waits for the user (Ctrl-C) or the system (SIGTERM, a closed terminal) to ask for the end. */
export interface StopRequest {
  /** Aborted at the first request; its reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Stops listening: the next Ctrl-C ends the process at once. */
  dispose(): void;
}

const PARENT_LOOK_MS = 1_000; // as long as a terminal may wait for its prompt after npm was ended

/**
 * Listens for SIGINT, SIGTERM and SIGHUP. They may come twice (the terminal sends Ctrl-C to the whole group, and npm
 * passes it on as well), so only the first one counts.
 *
 * Under `npm run` it also watches the parent: npm passes SIGTERM to its shell, the shell dies of it without passing it
 * on, and the command would live on unseen.
 */
export function watchForStop(env: NodeJS.ProcessEnv = process.env): StopRequest {
  const controller = new AbortController();
  const onSignal = (name: string) => controller.abort(name);
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, onSignal);
  const parent = process.ppid;
  const look = () => {
    if (process.ppid !== parent) controller.abort('the end of npm');
  };
  const timer = env.npm_lifecycle_event === undefined ? undefined : setInterval(look, PARENT_LOOK_MS).unref();
  return {
    signal: controller.signal,
    dispose: () => {
      clearInterval(timer);
      for (const name of names) process.off(name, onSignal);
    },
  };
}

/** Resolves when the signal is aborted, at once if it already is. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
