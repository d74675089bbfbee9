import type { FloodOptions, FloodReport } from './hostile.flood.js';
import type { StormOptions, StormReport } from './hostile.frames.js';

/** What the process of the attackers can do. */
export type AttackerOrders = {
  storm: { order: StormOptions & { readonly url: string }; reply: StormReport };
  flood: { order: FloodOptions & { readonly url: string }; reply: FloodReport };
};
