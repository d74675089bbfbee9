/** What a process can do that only listens at Redis, as more gateways would. */
export type EarOrders = {
  /** Subscribes so many connections to the channels, instead of those before. */
  listen: {
    order: { readonly redisUrl: string; readonly channels: readonly string[]; readonly connections: number };
    reply: object;
  };
  /** Ends these connections, and tells how many messages they have heard. */
  stop: { order: object; reply: { readonly heard: number } };
};
