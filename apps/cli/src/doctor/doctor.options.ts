import { CannotRun } from '../command.types.js';
import { parseOptions } from '../option.parser.js';

/** What `doctor` was asked for. */
export interface DoctorOptions {
  /** Gateways to ask from outside, as origins; may be empty. */
  readonly urls: readonly string[];
  readonly apiKey: string | undefined;
  readonly json: boolean;
}

/** @throws CannotRun for anything that is not meant */
export function parseDoctorOptions(args: readonly string[], env: NodeJS.ProcessEnv): DoctorOptions {
  const values = parseOptions(args, {
    url: { type: 'string', multiple: true, default: [] },
    'api-key': { type: 'string' },
    json: { type: 'boolean', default: false },
  });
  return {
    urls: [...new Set(values.url.map(originOf))],
    // One of the gateways' own list does as well, where this runs in their environment.
    apiKey: values['api-key'] || env.QUIZBELL_API_KEY || firstOf(env.QUIZBELL_API_KEYS),
    json: values.json,
  };
}

const firstOf = (list: string | undefined): string | undefined =>
  list
    ?.split(',')
    .map((item) => item.trim())
    .find((item) => item !== '');

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url.origin;
  throw new CannotRun(`--url takes an address such as http://localhost:3000, not "${text}".`);
}
