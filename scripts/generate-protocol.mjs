// Makes docs/asyncapi.json (the socket side as AsyncAPI 3.0) and docs/protocol.md (the same as tables) from libs/protocol and
// the texts beside it in libs/edge/src/docs. `--check` fails when a committed file is not what they give.
import { readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '..');

// The sources themselves, so that no build is needed: libraries by their names, and `.js` where the file is `.ts`.
registerHooks({
  resolve(specifier, context, next) {
    const library = /^#libs\/(.+)$/.exec(specifier)?.[1];
    if (library !== undefined)
      return next(pathToFileURL(join(ROOT, 'libs', library, 'src/index.ts')).href, context);
    const isOurs = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
    return next(isOurs ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
const { asyncApiDocument } = await import('../libs/edge/src/docs/asyncapi.document.ts');

const document = asyncApiDocument();
const { schemas, messages } = document.components;
const { ID_PATTERN, VERDICTS } = await import('../libs/protocol/src/wire/index.ts');

const code = (text) => `\`${text}\``;
const nameOf = ({ $ref }) => $ref.split('/').at(-1);
const linkTo = (name) => `[${name}](#${name.toLowerCase()})`;
const numberText = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ',');
const row = (...cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
const table = (head, rows) => [
  row(...head),
  row(...head.map(() => '---')),
  ...rows.map((one) => row(...one)),
];

/** What a value may be, in words. */
function typeText(schema) {
  if (schema.$ref !== undefined) return linkTo(nameOf(schema));
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((one) => code(one)).join(', ');
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) return options.map(typeText).join(' or ');
  const types = [schema.type ?? 'any JSON'].flat();
  return types.map((type) => (type === 'null' ? 'null' : `${type}${rangeText(type, schema)}`)).join(' or ');
}

function rangeText(type, { minimum, maximum, pattern, minLength, maxLength, items }) {
  if (pattern === ID_PATTERN.source) return ' (id)';
  if (type === 'array') return ` of ${typeText(items)}`;
  if (pattern !== undefined) return ` ${code(pattern)}`;
  const [low, high] = type === 'string' ? [minLength, maxLength] : [minimum, maximum];
  if (low === undefined && high === undefined) return '';
  const unit = type === 'string' ? ' characters' : '';
  if (high === undefined) return low === 0 ? '' : ` >= ${numberText(low)}`;
  return ` ${numberText(low)} to ${numberText(high)}${unit}`;
}

/** The fields of an object as a table; a line that says so where it has none. */
function fieldsOf({ properties = {}, required = [] }, none, omitted = []) {
  const rows = Object.entries(properties)
    .filter(([name]) => !omitted.includes(name))
    .map(([name, field]) => {
      const isNeeded = required.includes(name) && field.default === undefined;
      const fallback = field.default === undefined ? 'no' : `no: ${code(JSON.stringify(field.default))}`;
      return [code(name), typeText(field), isNeeded ? 'yes' : fallback, field.description ?? ''];
    });
  return rows.length === 0 ? [none] : table(['field', 'value', 'needed', ''], rows);
}

const operations = Object.entries(document.operations).map(([key, operation]) => ({
  ...operation,
  key,
  event: messages[key].name,
  payload: nameOf(messages[key].payload),
}));
const received = operations.filter(({ action }) => action === 'receive');
const sent = operations.filter(({ action }) => action === 'send');
const whoOf = (operation) => [operation['x-roles']].flat().join(', ');

function clientEventLines(operation) {
  const ack = schemas[nameOf(messages[`${operation.key}.ack`].payload)];
  const [good] = ack.oneOf ?? ack.anyOf;
  return [
    `### ${operation.event}`,
    '',
    `${operation.summary} Who: ${whoOf(operation)}.`,
    '',
    ...fieldsOf(schemas[operation.payload], 'Payload: `{}`.'),
    '',
    ...fieldsOf(good, 'Acknowledgement: `{ ok: true }`.', ['ok']).flatMap((line, i, all) =>
      i === 0 && all.length > 1 ? ['Acknowledgement, besides `ok: true`:', '', line] : [line],
    ),
    '',
    `Refused with: ${operation['x-error-codes'].map(code).join(', ')}.`,
    '',
  ];
}

/** An object as a table; one that is nearly a snapshot by what is different. */
function objectLines(name) {
  const { Snapshot } = schemas;
  const { properties, required } = schemas[name];
  const isOfSnapshot = Object.entries(properties).every(
    ([field, schema]) => JSON.stringify(schema) === JSON.stringify(Snapshot.properties[field]),
  );
  if (name === 'Snapshot' || !isOfSnapshot || Object.keys(properties).length < 10) {
    return fieldsOf(schemas[name], 'Empty.');
  }
  const without = Object.keys(Snapshot.properties).filter((field) => !(field in properties));
  const always = required.filter((field) => !Snapshot.required.includes(field));
  const notes = [
    without.length > 0 ? `without ${without.map(code).join(', ')}` : '',
    always.length > 0 ? `always with ${always.map(code).join(', ')}` : '',
  ];
  return [`A ${linkTo('Snapshot')} ${notes.filter(Boolean).join(', ')}.`];
}

const OBJECTS = [...new Set([...sent.map(({ payload }) => payload), 'OwnAnswer', 'Member', 'Error'])];

function limitRows(limits) {
  return Object.entries(limits).map(([name, limit]) => {
    if (typeof limit === 'number') return [code(name), '', numberText(limit), ''];
    return [code(name), numberText(limit.min), numberText(limit.max), numberText(limit.default ?? '')];
  });
}

const page = [
  '# The socket protocol',
  '',
  '<!-- Generated by scripts/generate-protocol.mjs from libs/protocol and libs/edge/src/docs; do not edit. -->',
  '',
  'The same for tools: [asyncapi.json](asyncapi.json), also at `/docs/asyncapi.json` of every gateway. REST is at `/docs`. Examples',
  'that run: [a backend in curl](walkthrough-rest.md), [a player in Python](walkthrough-socket.md).',
  '',
  document.info.description,
  '- An id has 1 to 64 characters of `A-Z a-z 0-9 _ . -`. Integers that are not said otherwise are 0 or more.',
  '',
  '## Events of a client',
  '',
  ...table(
    ['event', 'who', 'payload'],
    received.map((one) => {
      const { properties = {}, required = [] } = schemas[one.payload];
      const fields = Object.entries(properties).map(([name, { default: fallback }]) =>
        required.includes(name) && fallback === undefined ? name : `${name}?`,
      );
      const anchor = one.event.replace(':', '');
      return [
        `[${one.event}](#${anchor})`,
        whoOf(one),
        code(fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`),
      ];
    }),
  ),
  '',
  ...received.flatMap(clientEventLines),
  '## Events of the server',
  '',
  ...table(
    ['event', 'to', 'payload', 'when'],
    sent.map((one) => [
      code(one.event),
      one.description.replace(/^To |\.$/g, ''),
      linkTo(one.payload),
      one.summary,
    ]),
  ),
  '',
  '## Objects',
  '',
  ...OBJECTS.flatMap((name) => [`### ${name}`, '', ...objectLines(name), '']),
  '## Verdicts',
  '',
  `In the order in which the server tries them: ${VERDICTS.map(code).join(', ')}. All of them are \`ok: true\`.`,
  '',
  '## Error codes',
  '',
  ...table(
    ['code', 'try again', 'REST status', 'what'],
    Object.entries(document['x-errors']).map(([name, { retryable, httpStatus, title }]) => [
      code(name),
      retryable ? 'yes' : 'no',
      httpStatus,
      title,
    ]),
  ),
  '',
  '`unavailable` means "unknown, ask again with the same `commandId` or `answerId`", never "not done". `rate_limited` comes with',
  '`retryAfterMs`.',
  '',
  '## Limits',
  '',
  'Names in `Ms` are milliseconds, in `Bytes` bytes of JSON in UTF-8, in `Length` characters.',
  '',
  ...table(['', 'least', 'most', 'if absent'], limitRows(document['x-limits'])),
  '',
].join('\n');

const outputs = [
  { file: 'docs/asyncapi.json', text: `${JSON.stringify(document, null, 2)}\n` },
  { file: 'docs/protocol.md', text: page },
];

let stale = 0;
for (const { file, text } of outputs) {
  const target = join(ROOT, file);
  if (!process.argv.includes('--check')) writeFileSync(target, text);
  else if (readIfThere(target) !== text) {
    console.error(`${file} is out of date: run npm run generate`);
    stale += 1;
  }
}
process.exitCode = stale === 0 ? 0 : 1;

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
