/** What Chromium is started with. */
export declare const CHROMIUM_FLAGS: string[];
/** Where a Chromium is, or why there is none. */
export declare function findChromium(): { path: string } | { problem: string };
