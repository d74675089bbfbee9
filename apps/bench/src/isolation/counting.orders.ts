/** A proxy before Redis that counts what Redis sends to the subscribing connections behind it. */
export type CountingOrders = {
  start: { order: { readonly redisUrl: string }; reply: { readonly url: string } };
  /** Messages by channel, since it was asked last. */
  take: { order: object; reply: { readonly messages: Readonly<Record<string, number>> } };
};
