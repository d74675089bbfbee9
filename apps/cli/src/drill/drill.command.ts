import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type RunFacts, writeResult } from '#libs/measuring';
import { CannotRun, type Command, EXIT } from '../command.types.js';
import { factsOfRun } from '../run.facts.js';
import { type StopRequest, watchForStop } from '../signal.watch.js';
import { type DrillOptions, parseDrillOptions } from './drill.options.js';
import { makeReport, renderReport } from './drill.report.js';
import { Drill } from './drill.runner.js';
import { type DrillState, loadState, newState, removeState, saveState } from './drill.state.js';
import { FAULT_NAMES, rulesOf } from './fault.rules.js';
import { ProcessLog } from './process.log.js';
import { selfTest } from './self.test.js';

const WIDTH = Math.max(...FAULT_NAMES.map((name) => name.length));

const HELP = `Usage: npm run drill -- [options]

Starts a real cluster on this machine (a Redis of its own, two schedulers, two gateways), keeps rooms busy with questions,
breaks something at random times, and checks every promise from the clients' side and from Redis.

  --faults a,b:9     which faults (default: all), and how often those that have a number
  --times 3          how often each of the others
  --rooms 200        how many rooms, each with a host and a player
  --seed N           draws the same times and questions again (default: a new one, which is printed)
  --short            a drill of about a minute: --times 1 --rooms 30; a fault that only took too long is played again,
                     at most twice, and the best time counts
  --self-test        whether the checks notice a closing that is doubled, dropped, delayed, reordered or forged, and an
                     answer that counts late or is lost
  --json             one JSON document on stdout, everything else on stderr
  --out FILE         also into a file, as those in docs/measurements
  --note TEXT        for the document: what else was going on
  --resume FILE      goes on with a drill that was ended; its file is named when it ends
  --state FILE       where the drill keeps what is needed to go on (default: .cache/drill-<seed>.json)
  -h, --help         this text

Faults:
${FAULT_NAMES.map((name) => `  ${name.padEnd(WIDTH)}  ${rulesOf(name).what}`).join('\n')}

Exit codes: 0 every promise was kept, 1 one was broken, 2 could not run, or was ended before its end.`;

/** `npm run drill`: what fails in production, on purpose. */
export const drillCommand: Command = {
  summary: 'a cluster under load, faults at random times, and a check of every promise',
  help: HELP,
  async run(args) {
    const options = parseDrillOptions(args);
    const stop = watchForStop();
    const say = (line: string) => process.stderr.write(`${line}\n`);
    try {
      return options.selfTest
        ? await selfTest({ options, say, stop })
        : await drill(options, { facts: factsOfRun('drill', args, options.note), say, stop });
    } catch (failure) {
      // Whoever reads stdout by a program gets a document in any case.
      if (options.json && failure instanceof CannotRun) {
        console.log(JSON.stringify({ ok: false, error: failure.message }));
      }
      throw failure;
    } finally {
      stop.dispose();
    }
  },
};

async function drill(
  options: DrillOptions,
  { facts, say, stop }: { facts: RunFacts; say: (line: string) => void; stop: StopRequest },
): Promise<number> {
  const state: DrillState =
    options.resume === undefined ? newState(options.plan) : loadState(resolve(options.resume));
  const { seed } = state.plan;
  const file = resolve(options.resume ?? options.stateFile ?? join('.cache', `drill-${seed}.json`));
  const log = new ProcessLog(resolve('.cache', `drill-${seed}-logs`));
  say(`Seed ${seed}.`);
  saveState(file, state);
  let isPlayed = false;
  try {
    await new Drill({ state, log, say, save: () => saveState(file, state) }).run(stop.signal);
    isPlayed = true;
  } catch (failure) {
    if (!stop.signal.aborted) throw failure;
    say('Stopped; what was measured until now:');
  } finally {
    saveState(file, state);
    const isWell = makeReport(state, !isPlayed).ok && (isPlayed || stop.signal.aborted);
    await log.close(!isWell);
    if (!isWell && existsSync(log.dir)) say(`What the processes said is in ${log.dir}.`);
  }
  const report = makeReport(state, !isPlayed);
  say(`\n${renderReport(report)}`);
  const document = { ...facts, ...report };
  if (options.json) console.log(JSON.stringify(document));
  if (options.out !== undefined) await writeResult(options.out, document);
  if (isPlayed) removeState(file);
  else say(`\nIt goes on with: npm run drill -- --resume ${file}`);
  if (!report.ok) return EXIT.broken;
  return isPlayed ? EXIT.good : EXIT.couldNotRun;
}
