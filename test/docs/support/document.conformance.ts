import { expect } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type LooseJson, type RestAnswer, rest } from '#libs/testing';

/** One operation of the document. */
export interface DocumentedOperation {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With parameters as `{roomId}`. */
  readonly path: string;
  readonly takesBody: boolean;
  readonly isForRooms: boolean;
}

/** The document that a running gateway serves, and whether its answers are as it says. */
export class ServedDocument {
  readonly operations: readonly DocumentedOperation[];
  private readonly ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));

  private constructor(private readonly document: LooseJson) {
    this.ajv.addSchema(document, 'document');
    this.operations = Object.entries<LooseJson>(document.paths).flatMap(([path, methods]) =>
      Object.entries<LooseJson>(methods).map(([method, operation]) => ({
        id: operation.operationId,
        method: method.toUpperCase() as DocumentedOperation['method'],
        path,
        takesBody: operation.requestBody !== undefined,
        isForRooms: path.startsWith('/v1/rooms/'),
      })),
    );
  }

  static async of(url: string): Promise<ServedDocument> {
    const { status, body } = await rest(`${url}/docs/openapi.json`);
    expect(status).toBe(200);
    return new ServedDocument(body);
  }

  operation(id: string): DocumentedOperation {
    const found = this.operations.find((one) => one.id === id);
    if (found === undefined) throw new Error(`The document has no operation ${id}.`);
    return found;
  }

  /** Holds an answer to what the document says of the operation. */
  expectDescribed(id: string, answer: RestAnswer): void {
    const { path, method } = this.operation(id);
    const { status, body, headers } = answer;
    const described = this.document.paths[path][method.toLowerCase()].responses[status];
    expect([id, status, described === undefined ? body : 'described']).toEqual([id, status, 'described']);
    const type = headers.get('content-type')?.split(';')[0];
    if (described.content === undefined) {
      expect([id, status, body]).toEqual([id, status, undefined]);
      return;
    }
    const media = described.content[type ?? ''];
    expect([id, status, type, media !== undefined]).toEqual([id, status, type, true]);
    const problems = this.problemsOf(media.schema, body);
    expect([id, status, problems]).toEqual([id, status, []]);
    if (type === 'application/problem+json') {
      const codes = Object.values<LooseJson>(media.examples).map(({ value }) => value.code);
      expect([id, body.code, codes.includes(body.code)]).toEqual([id, body.code, true]);
    }
    for (const name of Object.keys(described.headers ?? {})) {
      expect([id, status, name, headers.get(name) !== null]).toEqual([id, status, name, true]);
    }
  }

  private problemsOf(schema: LooseJson, value: unknown): string[] {
    const validate = this.validatorOf(schema);
    return validate(value) ? [] : (validate.errors ?? []).map((one) => `${one.instancePath} ${one.message}`);
  }

  private validatorOf(schema: LooseJson): ValidateFunction {
    const inDocument = schema.$ref === undefined ? schema : { $ref: `document${schema.$ref}` };
    return this.ajv.compile(inDocument);
  }
}
