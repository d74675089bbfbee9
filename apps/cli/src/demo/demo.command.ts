import type { DurationMs } from '#libs/protocol/wire';
import { CannotRun, type Command, EXIT } from '../command.types.js';
import { aborted, type StopRequest, watchForStop } from '../signal.watch.js';
import { type DemoOptions, parseDemoOptions } from './demo.options.js';
import { DemoQuiz } from './demo.quiz.js';
import { type DemoReport, makeReport, renderReport } from './demo.report.js';
import { DemoScreen } from './demo.screen.js';
import { QuizRecorder } from './quiz.recorder.js';
import { closeRoom, createRoom, findGateways } from './rest.client.js';

const HELP = `Usage: npm run demo -- [options]

Plays a short quiz against running gateways and checks what every player hears. Start them first, in another terminal:
npm start, or npm run cluster. The second question is paused, resumed and extended. Players answer at random instants, a few
too late on purpose, some twice.

  --url URL          a gateway; may be given several times (default: what answers on ports 3000 and 3001)
  --players 50       how many players, spread over the gateways
  --questions 3      how many questions
  --seconds 5        how long each is open
  --api-key KEY      for making the room, where the gateway wants one (or QUIZBELL_API_KEY)
  --json             one JSON document on stdout, everything else on stderr
  -h, --help         this text

Exit codes: 0 every promise was kept, 1 one was broken (an event missed, doubled, repeated, out of order or early; a
verdict, a count or an outcome that is wrong), 2 could not run. Ticks are volatile: missing ones are reported and break no promise.`;

const IDLE_MS = 60_000 as DurationMs; // if even the closing fails, the room is not left for the default hour

/** `npm run demo`: a quiz to look at, and a check of the promises in passing. */
export const demoCommand: Command = {
  summary: 'a short quiz against running gateways, with a check of what every player hears',
  help: HELP,
  async run(args) {
    const options = parseDemoOptions(args, process.env);
    const stop = watchForStop();
    const screen = new DemoScreen(options.json ? process.stderr : process.stdout);
    try {
      const report = await playDemo(options, screen, stop);
      screen.say(`\n${renderReport(report)}`);
      if (options.json) console.log(JSON.stringify(report));
      return report.ok ? EXIT.good : EXIT.broken;
    } catch (failure) {
      // Whoever reads stdout by a program gets a document in any case.
      if (options.json && failure instanceof CannotRun) {
        console.log(JSON.stringify({ ok: false, error: failure.message }));
      }
      throw failure;
    } finally {
      screen.close();
      stop.dispose();
    }
  },
};

async function playDemo(options: DemoOptions, screen: DemoScreen, stop: StopRequest): Promise<DemoReport> {
  const { players, questions } = options;
  const gateways = await findGateways(options.urls);
  screen.say(`Playing on ${gateways.join(' and ')}.`);
  const room = await createRoom(gateways[0] ?? '', options, { settings: { idleMs: IDLE_MS } });
  const recorder = new QuizRecorder();
  const quiz = new DemoQuiz({ urls: gateways, room, options, screen, recorder, stop: stop.signal });
  let isRoomClosed = false;
  try {
    // Raced, because a command that waits for its gateway would make Ctrl-C wait as well.
    await Promise.race([quiz.play(), aborted(stop.signal)]);
    stop.signal.throwIfAborted();
    isRoomClosed = true;
  } catch (failure) {
    if (!stop.signal.aborted) throw failure;
    screen.say('Stopped; what was measured until now:');
  } finally {
    quiz.close();
    if (!isRoomClosed && !(await closeRoom(gateways, room))) {
      screen.say(`Room ${room.roomId} could not be closed; it closes itself in a minute.`);
    }
  }
  const clockErrorMs = recorder.clock.isKnown ? recorder.clock.errorMs : null;
  const measured = recorder.measure(performance.now());
  return makeReport(measured, { gateways, players, questions, clockErrorMs, interrupted: !isRoomClosed });
}
