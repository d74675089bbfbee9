/** What a bare Socket.IO server can do, besides what its clients ask of it. */
export type BareOrders = {
  /** Listens on a free port of 127.0.0.1. */
  listen: { order: { readonly redisUrl: string; readonly prefix: string }; reply: { readonly url: string } };
  /** CPU time, user and kernel, since it began. */
  cpu: { order: object; reply: { readonly cpuMs: number } };
};
