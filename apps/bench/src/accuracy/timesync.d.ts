// The library has no types of its own; these are of what is used here. Of its builds, the one for browsers is whole: that for
// Node wants a package that it does not ask for.
declare module 'timesync/dist/timesync.js' {
  export interface TimeSync {
    /** Where its messages go: what it sends has an `id`, and is answered by `receive`. */
    send: (to: string, data: { readonly id: string }) => Promise<void>;
    receive(from: string, data: { readonly id: string; readonly result: number }): void;
    /** The server's instant, epoch milliseconds. */
    now(): number;
    destroy(): void;
  }

  const timesync: {
    create(options: {
      readonly server: string;
      /** Milliseconds between two rounds. */
      readonly interval?: number;
      /** Samples of a round. */
      readonly repeat?: number;
      /** Milliseconds between two samples. */
      readonly delay?: number;
      readonly now?: () => number;
    }): TimeSync;
  };
  export default timesync;
}
