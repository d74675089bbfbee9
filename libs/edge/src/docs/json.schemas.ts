import { z } from 'zod';

/** A JSON object of a document. */
export interface JsonObject {
  readonly [field: string]: unknown;
}

/** Named schemas of the contract: as a client sends them, and as a server does. A name in both must mean the same. */
export interface NamedSchemas {
  readonly sent: Readonly<Record<string, z.ZodType>>;
  readonly answered: Readonly<Record<string, z.ZodType>>;
}

/** Where a document keeps its named schemas. */
const schemaUri = (name: string): string => `#/components/schemas/${name}`;

/** Refers to a named schema of the document. */
export const schemaRef = (name: string): JsonObject => ({ $ref: schemaUri(name) });

/**
 * The schemas as JSON Schema (2020-12), by name. Where one contains another that has a name, it refers to it.
 *
 * @throws Error when a name stands for two different schemas, or a schema is not named and is needed by reference
 */
export function jsonSchemas({ sent, answered }: NamedSchemas): Record<string, JsonObject> {
  const made = converted(sent, 'input');
  for (const [name, schema] of Object.entries(converted(answered, 'output'))) {
    if (made[name] !== undefined && JSON.stringify(made[name]) !== JSON.stringify(schema)) {
      throw new Error(`The schema ${name} is not the same when sent and when answered.`);
    }
    made[name] = schema;
  }
  return made;
}

/** One schema that stands where it is used, such as a path's parameter. */
export function inlineSchema(schema: z.ZodType): JsonObject {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', override: forReaders });
  return rest;
}

function converted(
  schemas: Readonly<Record<string, z.ZodType>>,
  io: 'input' | 'output',
): Record<string, JsonObject> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io, uri: schemaUri, override: forReaders }).schemas;
  return Object.fromEntries(
    Object.entries(made).map(([name, { $schema: _, $id: __, ...schema }]) => {
      if (name === '__shared') throw new Error('A schema is used by reference and has no name.');
      return [name, schema];
    }),
  );
}

interface Draft {
  additionalProperties?: unknown;
  maximum?: unknown;
  minimum?: unknown;
  anyOf?: unknown;
  [keyword: string]: unknown;
}

/**
 * Says what the contract means. Both sides ignore fields that they do not know, which JSON Schema made of an output would
 * forbid; "a safe integer" is no range that anybody has to read; and `T or null` is written as one type.
 */
function forReaders({ jsonSchema }: { jsonSchema: object }): void {
  const draft = jsonSchema as Draft;
  if (draft.additionalProperties === false) delete draft.additionalProperties;
  if (draft.maximum === Number.MAX_SAFE_INTEGER) delete draft.maximum;
  if (draft.minimum === Number.MIN_SAFE_INTEGER) delete draft.minimum;
  const [typed, none, ...others] = Array.isArray(draft.anyOf) ? (draft.anyOf as Draft[]) : [];
  if (typed === undefined || none?.type !== 'null' || others.length > 0 || typeof typed.type !== 'string')
    return;
  delete draft.anyOf;
  Object.assign(draft, { ...typed, ...draft, type: [typed.type, 'null'] });
}
