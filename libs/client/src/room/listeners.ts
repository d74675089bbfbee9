/** What a platform has to tell of errors that nobody catches: browsers the first, Node only the second. */
interface Reporters {
  reportError?(error: unknown): void;
  readonly console?: { error(...what: unknown[]): void };
}

/** Tells of an error in a listener of the app; it must not end what it listens to. */
function report(error: unknown): void {
  const platform = globalThis as unknown as Reporters;
  if (platform.reportError !== undefined) platform.reportError(error);
  else platform.console?.error(error);
}

/** Who wants to be told. One that throws is reported, and keeps nobody else from being told. */
export class Listeners<Args extends readonly unknown[]> {
  private readonly all = new Set<{ readonly listener: (...args: Args) => void }>();

  /** @returns how to stop; the same function added twice is told twice, and stopped one by one */
  add(listener: (...args: Args) => void): () => void {
    const entry = { listener };
    this.all.add(entry);
    return () => this.all.delete(entry);
  }

  tell(...args: Args): void {
    for (const entry of [...this.all]) {
      // Stopped by one that was told just now.
      if (!this.all.has(entry)) continue;
      try {
        entry.listener(...args);
      } catch (error) {
        report(error);
      }
    }
  }
}
