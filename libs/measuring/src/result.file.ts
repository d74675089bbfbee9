import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A result as it stands in docs/measurements. */
export const resultText = (result: object): string => `${JSON.stringify(result, null, 2)}\n`;

/** Writes the result, with the folders that its file needs. */
export async function writeResult(file: string, result: object): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, resultText(result));
}
