import { CannotRun } from '../command.types.js';
import { parseOptions, wholeNumber } from '../option.parser.js';

/** What `demo` was asked for. */
export interface DemoOptions {
  /** Empty: look where `npm start` and `npm run cluster` listen. */
  readonly urls: readonly string[];
  readonly players: number;
  readonly questions: number;
  readonly durationMs: number;
  readonly json: boolean;
  readonly apiKey: string | undefined;
}

const PLAYERS = { min: 1, max: 2_000 }; // one process measures them all: more would measure itself
const QUESTIONS = { min: 1, max: 100 };
const SECONDS = { min: 2, max: 600 }; // two at least, so that there is a middle for the pause and the extension

/** @throws CannotRun for anything that is not meant */
export function parseDemoOptions(args: readonly string[], env: NodeJS.ProcessEnv): DemoOptions {
  const values = parseOptions(args, {
    url: { type: 'string', multiple: true, default: [] },
    players: { type: 'string', default: '50' },
    questions: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    'api-key': { type: 'string' },
  });
  return {
    urls: [...new Set(values.url.map(originOf))],
    players: wholeNumber('--players', values.players, PLAYERS),
    questions: wholeNumber('--questions', values.questions, QUESTIONS),
    durationMs: wholeNumber('--seconds', values.seconds, SECONDS) * 1_000,
    json: values.json,
    apiKey: values['api-key'] || env.QUIZBELL_API_KEY || undefined,
  };
}

/** `http://host:port` of a URL; a gateway is served at the root of its host. */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url.origin;
  throw new CannotRun(`--url takes an address such as http://localhost:3000, not "${text}".`);
}
