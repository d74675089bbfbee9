/** Tokens are JSON Web Tokens: they begin with the base64 of `{"`. */
const TOKEN = /\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}/g;

/** A short word would be found everywhere; a secret as short as this is refused in production, and no secret anyway. */
const LEAST_CHARACTERS = 6;

const HIDDEN = '[secret]';

/**
 * Takes the values of secrets out of finished lines, in whichever field, message or stack they are: a driver's error may
 * carry the arguments of the command that failed, with a password among them. Redaction by the names of fields cannot know.
 *
 * @param secrets what must not be written: keys, passwords, addresses with passwords
 */
export function secretRemover(secrets: readonly string[]): (line: string) => string {
  const forms = new Set(secrets.flatMap(formsOf).filter((form) => form.length >= LEAST_CHARACTERS));
  // Longest first: one may be a part of another.
  const known = [...forms].sort((a, b) => b.length - a.length);
  return (line) => {
    let safe = line;
    for (const secret of known) if (safe.includes(secret)) safe = safe.replaceAll(secret, HIDDEN);
    return safe.includes('eyJ') ? safe.replace(TOKEN, HIDDEN) : safe;
  };
}

/** As it is, as JSON writes it, and as an address spells it. */
const formsOf = (secret: string): string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
];

const itemsOf = (list: string | undefined): string[] =>
  (list ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** The signing part of a webhook's secret, which libraries handle by itself, is as secret as the whole. */
const withoutPrefix = (secret: string): string[] => [secret, secret.replace(/^whsec_/, '')];

/** What is secret of an environment, before and without a configuration that was made of it. */
export const secretsIn = (env: Readonly<Record<string, string | undefined>>): string[] => [
  ...itemsOf(env.QUIZBELL_SECRET),
  ...itemsOf(env.QUIZBELL_API_KEYS),
  ...itemsOf(env.QUIZBELL_TUTORIAL_SECRET),
  ...itemsOf(env.QUIZBELL_WEBHOOK_SECRET).flatMap(withoutPrefix),
  // `name=value`: a collector's key is in one of the values.
  ...itemsOf(env.OTEL_EXPORTER_OTLP_HEADERS).map((header) => header.slice(header.indexOf('=') + 1)),
  ...passwordsIn([env.REDIS_URL, env.QUIZBELL_WEBHOOK_URL, env.OTEL_EXPORTER_OTLP_ENDPOINT]),
];

/** User's passwords within addresses, decoded; none for an address that has none. */
export function passwordsIn(addresses: readonly (string | undefined)[]): string[] {
  return addresses.flatMap((address) => {
    const found = /^[^/]*\/\/[^@/]*?:([^@/]+)@/.exec(address ?? '')?.[1];
    if (found === undefined) return [];
    return [found, decoded(found)];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
