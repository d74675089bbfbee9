// Makes libs/client/src/generated/wire.types.ts from the schemas of libs/protocol: the same types without the schema library, so
// that nobody who installs the client needs it. Instants and durations are plain numbers there. Texts: the schemas' descriptions
// and the doc comments in libs/protocol. `--check` fails when the committed file is not what they give; that the types are equal
// is for the compiler to say, in test/client/wire.types.check.ts.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '..');
const PROTOCOL = join(ROOT, 'libs', 'protocol', 'src');
const TARGET = join(ROOT, 'libs', 'client', 'src', 'generated', 'wire.types.ts');
const LINE_WIDTH = 110;

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
const { jsonSchemas } = await import('../libs/edge/src/docs/json.schemas.ts');
const protocol = await import('../libs/protocol/src/index.ts');

/** Unions that have a name of their own, by the constant that lists them. */
const UNIONS = {
  Role: 'ROLES',
  Phase: 'PHASES',
  QuestionCloseReason: 'QUESTION_CLOSE_REASONS',
  RoomCloseReason: 'ROOM_CLOSE_REASONS',
  RemovalReason: 'REMOVAL_REASONS',
  Verdict: 'VERDICTS',
  ErrorCode: 'ERROR_CODES',
};

/** Interfaces by the schema that they come from; what no event names itself stands in others. */
const SENT = {
  RoomJoinInput: 'roomJoinPayloadSchema',
  EmptyInput: 'emptyPayloadSchema',
  RoomRosterInput: 'roomRosterPayloadSchema',
  RoomCloseInput: 'roomClosePayloadSchema',
  ClockSyncInput: 'clockSyncPayloadSchema',
  QuestionStartInput: 'questionStartPayloadSchema',
  QuestionCommandInput: 'questionCommandPayloadSchema',
  QuestionExtendInput: 'questionExtendPayloadSchema',
  AnswerSubmitInput: 'answerSubmitPayloadSchema',
  MemberKickInput: 'memberKickPayloadSchema',
};
const ANSWERED = {
  Snapshot: 'snapshotSchema',
  QuestionTick: 'questionTickSchema',
  QuestionClosed: 'questionClosedSchema',
  RoomSnapshot: 'roomStateSchema',
  RoomPresence: 'roomPresenceSchema',
  RoomClosed: 'roomClosedSchema',
  AnswersCount: 'answersCountSchema',
  ServerDraining: 'serverDrainingSchema',
  MemberRemoved: 'memberRemovedSchema',
  Judgement: 'judgementSchema',
  OwnAnswer: 'ownAnswerSchema',
  Member: 'memberSchema',
  WireError: 'errorSchema',
  RefusedAck: 'refusedAckSchema',
  RoomJoinAck: 'roomJoinAckSchema',
  EmptyAck: 'emptyAckSchema',
  RoomRosterAck: 'roomRosterAckSchema',
  RoomCloseAck: 'roomCloseAckSchema',
  ClockSyncAck: 'clockSyncAckSchema',
  QuestionAck: 'questionAckSchema',
  AnswerSubmitAck: 'answerSubmitAckSchema',
};

/** What is written as another with something more. */
const EXTENSIONS = { QuestionClosed: 'Snapshot', OwnAnswer: 'Judgement' };

/** What is said in place of a doc comment that speaks of a constant. */
const TEXTS = {
  ERROR_CODES: 'Why something was refused. A newer server may know more of them.',
};

/** The doc comment of each constant and interface of libs/protocol, by its name. */
function docComments() {
  const comments = new Map();
  const files = readdirSync(PROTOCOL, { recursive: true }).filter((name) => /(?<!\.spec)\.ts$/.test(name));
  for (const name of files) {
    const text = readFileSync(join(PROTOCOL, name), 'utf8');
    const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
    for (const statement of source.statements.filter(ts.isVariableStatement)) {
      const [doc] = ts.getJSDocCommentsAndTags(statement);
      for (const { name: constant } of statement.declarationList.declarations) {
        if (doc !== undefined) comments.set(constant.getText(), ts.getTextOfJSDocComment(doc.comment));
      }
    }
    for (const statement of source.statements.filter(ts.isInterfaceDeclaration)) {
      const [doc] = ts.getJSDocCommentsAndTags(statement);
      if (doc !== undefined) comments.set(statement.name.text, ts.getTextOfJSDocComment(doc.comment));
    }
  }
  return comments;
}

const comments = docComments();
const schemasOf = (names) =>
  Object.fromEntries(Object.entries(names).map(([name, constant]) => [name, protocol[constant]]));
const schemas = jsonSchemas({ sent: schemasOf(SENT), answered: schemasOf(ANSWERED) });
const unionNames = new Map(
  Object.entries(UNIONS).map(([name, constant]) => [JSON.stringify(protocol[constant]), name]),
);

const literal = (value) =>
  typeof value === 'string' ? `'${value.replace(/[\\']/g, '\\$&')}'` : JSON.stringify(value);
const nameOf = (ref) => ref.split('/').at(-1);

/** A schema as TypeScript. */
function typeOf(schema, indent) {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) {
    return unionNames.get(JSON.stringify(schema.enum)) ?? schema.enum.map(literal).join(' | ');
  }
  const options = schema.oneOf ?? schema.anyOf;
  if (options !== undefined) {
    const types = options.map((one) => typeOf(one, indent));
    return types.filter((type) => !(types.includes('number') && /^\d+$/.test(type))).join(' | ');
  }
  return [schema.type ?? 'unknown']
    .flat()
    .map((type) => {
      if (type === 'object') return objectOf(schema, indent);
      if (type === 'array') return `${typeOf(schema.items, indent)}[]`;
      return { integer: 'number' }[type] ?? type;
    })
    .join(' | ');
}

function objectOf({ properties = {}, required = [] }, indent) {
  const fields = Object.entries(properties);
  if (fields.length === 0) return 'Record<string, never>';
  const inner = `${indent}  `;
  const lines = fields.flatMap(([name, field]) => {
    const type = typeOf(field, inner);
    const isOptional = !required.includes(name) || field.default !== undefined;
    // To leave it out and to say `undefined` are the same on the wire.
    const value = isOptional && type !== 'unknown' ? `${type} | undefined` : type;
    const property = `${inner}${name}${isOptional ? '?' : ''}: ${value};`;
    return [...docLines(fieldText(field), inner), property];
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

/** What is said of a field: its description, and what holds when it is left out. */
function fieldText({ description, default: fallback }) {
  if (fallback === undefined) return description;
  return [description, `Default: ${literal(fallback)}.`].filter(Boolean).join(' ');
}

function docLines(text, indent) {
  if (text === undefined) return [];
  const single = `${indent}/** ${text} */`;
  if (!text.includes('\n') && single.length <= LINE_WIDTH) return [single];
  return [
    `${indent}/**`,
    ...wrapped(text, LINE_WIDTH - indent.length - 3).map((line) => `${indent} * ${line}`.trimEnd()),
    `${indent} */`,
  ];
}

/** Paragraphs in lines of at most `width`; tables and blank lines stay as they are. */
function wrapped(text, width) {
  const isKept = (line) => line === '' || line.startsWith('|');
  const lines = [];
  let isOpen = false;
  for (const line of text.split('\n')) {
    if (isKept(line)) {
      lines.push(line);
      isOpen = false;
      continue;
    }
    for (const word of line.split(' ')) {
      const longer = `${lines.at(-1)} ${word}`;
      if (isOpen && longer.length <= width) lines[lines.length - 1] = longer;
      else lines.push(word);
      isOpen = true;
    }
  }
  return lines;
}

function declarationOf(name, constant) {
  const schema = schemas[name];
  const doc = docLines(comments.get(constant === 'errorSchema' ? 'WireError' : constant), '');
  if (name === 'QuestionTick') return [...doc, tickDeclaration(schema)].join('\n');
  const base = EXTENSIONS[name];
  if (base !== undefined) {
    const own = objectOf(withoutFieldsOf(schemas[base], schema, name), '');
    return [...doc, `export interface ${name} extends ${base} ${own}`].join('\n');
  }
  const options = schema.oneOf ?? schema.anyOf;
  if (options === undefined && Object.keys(schema.properties ?? {}).length > 0) {
    return [...doc, `export interface ${name} ${objectOf(schema, '')}`].join('\n');
  }
  return [...doc, `export type ${name} = ${typeOf(schema, '')};`].join('\n');
}

const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function tickDeclaration({ properties }) {
  const { content: _, ...others } = schemas.Snapshot.properties;
  if (!isSame(properties, others)) throw new Error('A tick is more than a snapshot without its content.');
  return "export type QuestionTick = Omit<Snapshot, 'content'>;";
}

/** The fields that `schema` has besides those of `base`, or has in another way. */
function withoutFieldsOf(base, schema, name) {
  const isInBase = ([field, value]) =>
    isSame(value, base.properties[field]) &&
    base.required.includes(field) === schema.required.includes(field);
  const fields = Object.entries(schema.properties);
  if (!Object.keys(base.properties).every((field) => field in schema.properties)) {
    throw new Error(`${name} lacks a field of what it extends.`);
  }
  return { ...schema, properties: Object.fromEntries(fields.filter((field) => !isInBase(field))) };
}

function unionOf(name, constant) {
  const doc = docLines(TEXTS[constant] ?? comments.get(constant), '');
  return [...doc, `export type ${name} = ${protocol[constant].map(literal).join(' | ')};`].join('\n');
}

const nameBySchema = new Map(
  Object.entries({ ...SENT, ...ANSWERED }).map(([name, constant]) => [protocol[constant], name]),
);

function mapOf(name, doc, schemaByEvent) {
  const lines = Object.entries(schemaByEvent).map(([event, schema]) => {
    const type = nameBySchema.get(schema);
    if (type === undefined) throw new Error(`The schema of ${event} has no name in ${import.meta.filename}`);
    return `  '${event}': ${type};`;
  });
  return `/** ${doc} */\nexport interface ${name} {\n${lines.join('\n')}\n}`;
}

const defs = Object.entries(protocol.clientEventDefs);
const text = `${[
  `// Generated by scripts/generate-client-types.mjs from libs/protocol; do not edit.
// Instants (\`...At\`, \`serverNow\`) are epoch milliseconds of the server's clock, durations (\`...Ms\`) milliseconds, both integers.`,
  ...Object.entries(UNIONS).map(([name, constant]) => unionOf(name, constant)),
  ...Object.entries({ ...ANSWERED, ...SENT }).map(([name, constant]) => declarationOf(name, constant)),
  mapOf(
    'ClientEventInputs',
    'What a client sends, by event.',
    Object.fromEntries(defs.map(([event, { payload }]) => [event, payload])),
  ),
  mapOf(
    'ClientEventAcks',
    'How a server answers, by event.',
    Object.fromEntries(defs.map(([event, { ack }]) => [event, ack])),
  ),
  mapOf('ServerEventPayloads', 'What a server sends, by event.', protocol.serverEventSchemas),
  `/** Events that a client sends. */
export type ClientEventName = keyof ClientEventInputs;
/** Events that a server sends. */
export type ServerEventName = keyof ServerEventPayloads;
/** What a client may send with \`E\`. */
export type ClientEventInput<E extends ClientEventName> = ClientEventInputs[E];
/** How a server answers \`E\`: \`{ ok: true, ... }\` or \`{ ok: false, error }\`. */
export type ClientEventAck<E extends ClientEventName> = ClientEventAcks[E];
/** What a server sends with \`E\`. */
export type ServerEventPayload<E extends ServerEventName> = ServerEventPayloads[E];`,
].join('\n\n')}\n`;

const formatted = spawnSync(
  join(ROOT, 'node_modules', '.bin', 'biome'),
  ['format', '--stdin-file-path=libs/client/src/generated/wire.types.ts'],
  { cwd: ROOT, input: text, encoding: 'utf8' },
);
if (formatted.status !== 0) throw new Error(`biome: ${formatted.error ?? formatted.stderr}`);
const output = formatted.stdout;

if (!process.argv.includes('--check')) {
  writeFileSync(TARGET, output);
} else if (readFileSync(TARGET, 'utf8') !== output) {
  console.error('libs/client/src/generated/wire.types.ts is out of date: run npm run generate');
  process.exit(1);
}
