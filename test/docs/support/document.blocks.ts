import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY_ROOT } from '#libs/testing';

/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  readonly text: string;
}

/** The fenced blocks of a page of the repository, in their order. */
export function blocksOf(page: string): Block[] {
  const text = readFileSync(join(REPOSITORY_ROOT, page), 'utf8');
  return [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', block = '']) => ({
    language,
    text: block,
  }));
}

/** A pattern of what a page promises: `...` stands for anything within a line. */
export function promised(text: string): RegExp {
  const escaped = text.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('\\.\\.\\.', '.+')}$`);
}

/** The text with each of these replaced. @throws Error for one that is not there: the page has changed */
export function withReplaced(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`The page does not say ${from} any more.`);
    return changed.replaceAll(from, to);
  }, text);
}
