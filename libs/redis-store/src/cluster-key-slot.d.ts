declare module 'cluster-key-slot' {
  /** The Redis Cluster slot of a key, by its hash tag if it has one. */
  const calculateSlot: (key: string) => number;
  export = calculateSlot;
}
