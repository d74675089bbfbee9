/** The ways to show what is left that are compared, in the order in which they are told. */
export const SHOWN_BY = [
  'sdk',
  'timesync',
  'timesync-32',
  'counted-on',
  'last-tick',
  'device-clock',
  'right-clock',
] as const;
export type ShownBy = (typeof SHOWN_BY)[number];

/** What one device showed at one instant, in each way: milliseconds too much (or, negative, too little). */
export type Errors = { readonly [Way in ShownBy]: number };

/** What was read of one device. */
export interface DeviceReadings {
  /** Whether its clock was set during the run. */
  readonly isStepping: boolean;
  /** 1 s after joining. */
  readonly early: Errors;
  /** `lateMs` after joining. */
  readonly late: Errors;
  /** The first reading of the SDK with 32 samples; null if it never had as many. */
  readonly sampled: { readonly afterMs: number; readonly errorMs: number } | null;
  /** How far off the SDK said to be at most, at the late reading; null if it did not say. */
  readonly claimedMs: number | null;
  /** How many samples the SDK had then. */
  readonly samples: number;
}

/** How the truth was known: the bounds of the comparison with the server's clock. */
export interface Truth {
  /** It may have been wrong by so much at most, milliseconds. */
  readonly uncertaintyMs: number;
  /** So much it moved at most from one comparison to the next, milliseconds. */
  readonly movedMs: number;
  /** So far the gateway's own clock was from it at most, milliseconds. */
  readonly gatewayOffMs: number;
}

/** What a process full of devices can do. */
export type DeviceOrders = {
  /** Has devices join, one after the other, and reads what they show; ends when the last one was read. */
  run: {
    order: {
      /** Through the proxy, and straight to the gateway. */
      readonly url: string;
      readonly directUrl: string;
      readonly redisUrl: string;
      /** Each device joins the next room. */
      readonly pins: readonly string[];
      readonly devices: number;
      readonly joinOverMs: number;
      readonly lateMs: number;
      readonly stepAfterMs: number;
      /** How wrong the device's time of day is, and by how much it is set, milliseconds. */
      readonly skewMs: number;
      readonly stepMs: number;
    };
    reply: { readonly readings: readonly DeviceReadings[]; readonly truth: Truth };
  };
};
