/** Bounds of the latency histograms, seconds: fine where the promises lie (10-50 ms), coarse where alarms do. */
export const LATENCY_BUCKETS_S = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 5,
];
