import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

// docs/integrity.md says of each cheat which test tries it. A test that was renamed or removed must not be promised on.

const ROOT = path.resolve(import.meta.dirname, '../..');

/** `file`: title › name, at the end of a table's row. */
const ROW = /^\|.*\| `([a-z-]+)`: (.+) › (.+) \|$/;

interface Promised {
  readonly file: string;
  readonly test: string;
}

function promisedTests(text: string): Promised[] {
  return text.split('\n').flatMap((line) => {
    const [, file, title, name] = ROW.exec(line) ?? [];
    return file === undefined ? [] : [{ file: `test/e2e/${file}.e2e-spec.ts`, test: `${title} › ${name}` }];
  });
}

/** The text of a call's first argument, where it is written out. */
function titleOf(call: ts.CallExpression): string {
  const [first] = call.arguments;
  return first !== undefined && ts.isStringLiteralLike(first) ? first.text : '';
}

/** `title › name` of every test in a source, also of tests by a table; tests that are skipped do not count. */
function testsIn(source: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node, titles: readonly string[]): void => {
    if (!ts.isCallExpression(node)) {
      ts.forEachChild(node, (child) => visit(child, titles));
      return;
    }
    const callee = node.expression.getText();
    const title = titleOf(node);
    if (/^(it|test)(\.each\b|$)/.test(callee) && title !== '') found.push([...titles, title].join(' › '));
    const isGroup = /^describe(\.each\b|$)/.test(callee);
    const inside = isGroup && title !== '' ? [...titles, title] : titles;
    ts.forEachChild(node, (child) => visit(child, inside));
  };
  visit(ts.createSourceFile('spec.ts', source, ts.ScriptTarget.Latest, true), []);
  return found;
}

const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

describe('the page on integrity', () => {
  const promised = promisedTests(read('docs/integrity.md'));

  it('names tests that there are', () => {
    expect(promised.length).toBeGreaterThan(50);
    const missing = promised.filter(({ file, test }) => {
      return !existsSync(path.join(ROOT, file)) || !testsIn(read(file)).includes(test);
    });
    expect(missing).toEqual([]);
  });

  it('names every test that tries a cheat', () => {
    const files = ['answers', 'identity', 'input'].map((theme) => `test/e2e/cheats-${theme}.e2e-spec.ts`);
    const named = new Set(promised.map(({ file, test }) => `${file}: ${test}`));
    const unnamed = files
      .flatMap((file) => testsIn(read(file)).map((test) => `${file}: ${test}`))
      .filter((test) => !named.has(test));
    // They only show that another test tries what it says.
    expect(unnamed.map((test) => test.replace(/^.* › /, '')).sort()).toEqual([
      'a minus zero is a zero, also where it names a run',
      'by a question whose id is __proto__ is a question like any other',
      'keeps what was answered before: a verdict stands',
      'made with the right secret is taken: so the forgeries below fail for their own reason',
    ]);
  });

  it('would notice a test that is missing, skipped or in another group', () => {
    const source = `describe('a', () => { it('b', f); it.skip('c', f); it.each([1])('d %i', f); }); it('e', f);`;
    expect(testsIn(source)).toEqual(['a › b', 'a › d %i', 'e']);
    expect(promisedTests('| x | y | `cheats-input`: a › b |\n| x | y | none |')).toEqual([
      { file: 'test/e2e/cheats-input.e2e-spec.ts', test: 'a › b' },
    ]);
  });
});
