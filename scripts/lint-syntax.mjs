// Lint rules for which Biome has none, on the syntax tree alone (no types):
//
//   expect-matcher   expect(...) whose matcher is missing or not called: it passes whatever the value is
//   expect-await     expect(...).resolves / .rejects that nobody awaits: it passes before it is decided
//   focused-test     it.only, fdescribe, ...: silently leaves the other tests out
//   skipped-test     it.skip, xit, it.todo, ...; a choice at run time, `(ready ? it : it.skip)(...)`, is allowed
//   pure-clock       a clock, a timer or randomness in the sources of timer-core or room: both are told `now`
//
// usage: node scripts/lint-syntax.mjs [file or folder]...      (default: apps libs test)
// Prints `file:line:col rule message`; exit 0 nothing found, 1 findings, 2 could not run.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const DEFAULT_TARGETS = ['apps', 'libs', 'test'];
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'coverage', 'generated']);

const PURE_SOURCE = /(^|\/)libs\/(timer-core|room)\/src\//;
const TEST_FILE = /\.(e2e-)?spec\.tsx?$|(^|\/)test\/|(^|\/)libs\/testing\//;

/** Globals that tell the time, wait, draw lots, or lead to something that does. */
const IMPURE_GLOBALS = new Map([
  ['Date', 'a clock'],
  ['Temporal', 'a clock'],
  ['performance', 'a clock'],
  ['process', 'a clock (hrtime, uptime) and every Node module (getBuiltinModule)'],
  ['setTimeout', 'a timer'],
  ['setInterval', 'a timer'],
  ['setImmediate', 'a timer'],
  ['clearTimeout', 'a timer'],
  ['clearInterval', 'a timer'],
  ['clearImmediate', 'a timer'],
  ['Atomics', 'a timer (wait)'],
  ['crypto', 'randomness'],
  ['require', 'a way to every Node module'],
  ['globalThis', 'a way to every clock, timer and random source'],
  ['global', 'a way to every clock, timer and random source'],
]);

/** Globals that are pure but for these members; anything but `Name.member` would hide which one is meant. */
const IMPURE_MEMBERS = new Map([
  ['Math', new Map([['random', 'randomness']])],
  ['Intl', new Map([['DateTimeFormat', 'a clock (format without an argument)']])],
  ['AbortSignal', new Map([['timeout', 'a timer']])],
]);

const IMPURE_MODULES = /^(node:)?(crypto|perf_hooks|process|timers|timers\/promises)$/;

const TEST_FUNCTIONS = new Set(['it', 'test', 'describe']);
const FOCUSED_FUNCTIONS = new Set(['fit', 'ftest', 'fdescribe']);
const SKIPPED_FUNCTIONS = new Set(['xit', 'xtest', 'xdescribe']);

/** Climbs over what does not change a value: parentheses, `!`, `as`, `satisfies`. */
function unwrapped(node) {
  let current = node;
  while (
    current.parent &&
    (ts.isParenthesizedExpression(current.parent) ||
      ts.isNonNullExpression(current.parent) ||
      ts.isAsExpression(current.parent) ||
      ts.isSatisfiesExpression(current.parent))
  ) {
    current = current.parent;
  }
  return current;
}

/** The name behind `x.name` or `x['name']`, undefined when it is computed. */
function memberName(access) {
  if (ts.isPropertyAccessExpression(access)) return access.name.text;
  return ts.isStringLiteralLike(access.argumentExpression) ? access.argumentExpression.text : undefined;
}

const isAccess = (node) => ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);

/** The member access of which `node` is the object, if any. */
function accessOn(node) {
  const object = unwrapped(node);
  return object.parent && isAccess(object.parent) && object.parent.expression === object
    ? object.parent
    : undefined;
}

/** Whether an identifier only names a member or a label, so that it refers to no variable of that name. */
function isOnlyAName(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent) || ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) {
    return parent.propertyName === node;
  }
  return (
    (ts.isPropertyAssignment(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isMethodSignature(parent) ||
      ts.isGetAccessorDeclaration(parent) ||
      ts.isSetAccessorDeclaration(parent) ||
      ts.isEnumMember(parent) ||
      ts.isNamedTupleMember(parent)) &&
    parent.name === node
  );
}

function checkPure(node, report) {
  if (ts.isIdentifier(node) && !isOnlyAName(node)) {
    const reason = IMPURE_GLOBALS.get(node.text);
    if (reason) report(node, 'pure-clock', `${node.text} is ${reason}; take it as a parameter`);
    const members = IMPURE_MEMBERS.get(node.text);
    if (members && !ts.isTypeNode(node.parent)) {
      const access = accessOn(node);
      const name = access && memberName(access);
      if (name === undefined) {
        report(
          node,
          'pure-clock',
          `write ${node.text}.<member>: an alias could hide ${[...members.keys()].join(', ')}`,
        );
      } else if (members.has(name)) {
        report(node, 'pure-clock', `${node.text}.${name} is ${members.get(name)}; take it as a parameter`);
      }
    }
  }
  const specifier =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
        ? node.arguments[0]
        : undefined;
  if (specifier && ts.isStringLiteralLike(specifier) && IMPURE_MODULES.test(specifier.text)) {
    report(node, 'pure-clock', `${specifier.text} is a clock, a timer or randomness; take it as a parameter`);
  }
}

function checkExpect(node, report) {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression) || node.expression.text !== 'expect')
    return;
  const names = [];
  let current = unwrapped(node);
  for (let access = accessOn(current); access; access = accessOn(current)) {
    names.push(memberName(access));
    current = unwrapped(access);
  }
  const call = current.parent;
  if (names.length === 0 || !ts.isCallExpression(call) || call.expression !== current) {
    report(node, 'expect-matcher', 'expect(...) without a called matcher checks nothing');
    return;
  }
  const isPromise = names.includes('resolves') || names.includes('rejects');
  if (isPromise && ts.isExpressionStatement(unwrapped(call).parent)) {
    report(node, 'expect-await', 'await it, or the test ends before the promise is decided');
  }
}

/** `it.each`, `describe.only.each`, ...: the names behind a test function. */
function testModifiers(node) {
  const names = [];
  let current = unwrapped(node);
  for (let access = accessOn(current); access; access = accessOn(current)) {
    names.push(memberName(access));
    current = unwrapped(access);
  }
  const { parent } = current;
  const isCalled =
    (ts.isCallExpression(parent) && parent.expression === current) ||
    (ts.isTaggedTemplateExpression(parent) && parent.tag === current);
  return { names, isCalled };
}

function checkTestFunctions(node, report) {
  if (!ts.isIdentifier(node) || isOnlyAName(node)) return;
  const { names, isCalled } = testModifiers(node);
  if (FOCUSED_FUNCTIONS.has(node.text) && isCalled) {
    report(node, 'focused-test', `${node.text} leaves the other tests out`);
  } else if (SKIPPED_FUNCTIONS.has(node.text) && isCalled) {
    report(node, 'skipped-test', `${node.text} is a test that nobody runs`);
  } else if (TEST_FUNCTIONS.has(node.text)) {
    if (names.includes('only')) report(node, 'focused-test', `${node.text}.only leaves the other tests out`);
    if (names.includes('todo')) report(node, 'skipped-test', `${node.text}.todo is a test that nobody runs`);
    if (names.includes('skip') && isCalled) {
      report(node, 'skipped-test', `${node.text}.skip is a test that nobody runs`);
    }
  }
}

function checkFile(file, findings) {
  const name = file.split(path.sep).join('/');
  const isTest = TEST_FILE.test(name);
  const isPure = PURE_SOURCE.test(name) && !isTest;
  if (!isTest && !isPure) return;
  const source = ts.createSourceFile(name, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const report = (node, rule, message) => {
    const { line, character } = source.getLineAndCharacterOfPosition(node.getStart(source));
    findings.push(`${name}:${line + 1}:${character + 1} ${rule} ${message}`);
  };
  const visit = (node) => {
    if (isPure) checkPure(node, report);
    if (isTest) {
      checkExpect(node, report);
      checkTestFunctions(node, report);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

function sourceFiles(target) {
  if (statSync(target).isFile()) return [target];
  return readdirSync(target, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(target, entry.name);
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : sourceFiles(file);
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [file] : [];
  });
}

const targets = process.argv.slice(2);
const missing = targets.filter((target) => !existsSync(target));
if (missing.length > 0) {
  console.error(`lint-syntax: no such file or folder: ${missing.join(', ')}`);
  process.exit(2);
}
const files = (targets.length > 0 ? targets : DEFAULT_TARGETS.filter((target) => existsSync(target)))
  .flatMap(sourceFiles)
  .map((file) => path.relative('.', file))
  .sort();
const findings = [];
for (const file of files) checkFile(file, findings);
for (const finding of findings) console.log(finding);
process.exitCode = findings.length > 0 ? 1 : 0;
