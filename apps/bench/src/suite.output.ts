import {
  runFacts as factsOf,
  machineFacts,
  type RunFacts,
  redisVersion,
  resultText,
  writeResult,
} from '#libs/measuring';
import type { CommonOptions } from './option.parser.js';

export { machineLine, type RunFacts } from '#libs/measuring';

/** What a document says besides the figures. */
export async function runFacts(
  suite: string,
  args: readonly string[],
  redisUrl: string,
  note: string | undefined,
): Promise<RunFacts> {
  const machine = machineFacts(await redisVersion(redisUrl));
  return factsOf(`npm run bench -- ${suite}`, args, { machine, note });
}

/** The document on stdout, or the tables; and the document in the file that was asked for. */
export async function tell(result: object, tables: string, { json, out }: CommonOptions): Promise<void> {
  if (out !== undefined) await writeResult(out, result);
  process.stdout.write(json ? resultText(result) : `${tables}\n`);
}
