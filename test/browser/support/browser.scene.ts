import { afterAll, beforeAll, describe } from '@jest/globals';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { type Cluster, startCluster } from '../../e2e/support/cluster.harness.js';
import { CHROMIUM_FLAGS } from './chromium.finder.mjs';
import { watchTurns } from './countdown.watch.js';
import { type CuttableProxy, startCuttableProxy } from './cuttable.proxy.js';

/** What the console tells of a connection that a test has cut. */
export const LOST = /WebSocket connection to|ERR_(?:CONNECTION|INTERNET|NETWORK|EMPTY)/;

/** Who asks for results a moment before they are settled is refused, and asks again; the console tells of it all the same. */
const UNSETTLED = /status of 409 \(Conflict\)/;

/** Ends a wait that is in vain; says nothing about speed. */
const WAIT_MS = 20_000;

export interface VisitOptions extends BrowserContextOptions {
  /** Runs in the page before anything of it does; sees nothing of the test. */
  readonly before?: () => void;
  /** Makes the page ready before it goes anywhere. */
  readonly prepare?: (page: Page) => Promise<unknown>;
  /** Trouble that the test itself makes, and the console tells of. */
  readonly expects?: RegExp;
}

/** Two gateways, a scheduler and a browser; each visit is a browser of its own to them. */
export class BrowserScene {
  private readonly proxies: CuttableProxy[] = [];
  private readonly contexts: BrowserContext[] = [];
  private readonly troubles: string[] = [];

  private constructor(
    readonly cluster: Cluster,
    readonly browser: Browser,
  ) {}

  static async start(name: string): Promise<BrowserScene> {
    const [cluster, browser] = await Promise.all([
      startCluster(name),
      chromium.launch({ executablePath: process.env.QUIZBELL_TEST_CHROMIUM, args: CHROMIUM_FLAGS }),
    ]);
    return new BrowserScene(cluster, browser);
  }

  get a(): string {
    return this.cluster.a.url;
  }

  get b(): string {
    return this.cluster.b.url;
  }

  /** A new person: cookies, storage and cache of their own. */
  async visit(url: string, options: VisitOptions = {}): Promise<Page> {
    const { before, prepare, expects, ...settings } = options;
    const context = await this.browser.newContext({ locale: 'en-GB', ...settings });
    this.contexts.push(context);
    await context.addInitScript(watchTurns);
    if (before !== undefined) await context.addInitScript(before);
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    this.watch(page, expects);
    await prepare?.(page);
    await page.goto(url);
    return page;
  }

  /** What no visitor should see: errors of scripts, and everything on the console that is one. */
  takeTroubles(): string[] {
    return this.troubles.splice(0);
  }

  /** A way to a gateway that can be cut. */
  async cable(target: string): Promise<CuttableProxy> {
    const proxy = await startCuttableProxy(target);
    this.proxies.push(proxy);
    return proxy;
  }

  /** Ends all visits. */
  async leave(): Promise<void> {
    await Promise.all(this.contexts.splice(0).map((context) => context.close()));
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await Promise.all(this.proxies.map((proxy) => proxy.stop()));
    await this.cluster.stop();
  }

  private watch(page: Page, expects: RegExp | undefined): void {
    const note = (text: string) => {
      if (expects?.test(text) !== true && !UNSETTLED.test(text)) this.troubles.push(text);
    };
    page.on('pageerror', (error) => note(`error: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') note(`console: ${message.text()}`);
    });
    page.on('crash', () => note('the page crashed'));
  }
}

/** Tests with a scene of their own. Without a Chromium they are skipped, as the setup has told; in CI they fail. */
export function describeInBrowser(name: string, tests: (scene: () => BrowserScene) => void): void {
  const problem = process.env.QUIZBELL_TEST_CHROMIUM_PROBLEM;
  const isWanted = problem === undefined || process.env.CI === 'true';
  (isWanted ? describe : describe.skip)(name, () => {
    let scene: BrowserScene | undefined;
    beforeAll(async () => {
      if (problem !== undefined) throw new Error(problem);
      scene = await BrowserScene.start('browser');
    });
    afterAll(() => scene?.stop());
    tests(() => {
      if (scene === undefined) throw new Error('the scene has not started');
      return scene;
    });
  });
}
