import { describe, expect, it } from '@jest/globals';
import { check } from './check.types.js';
import { parseDoctorOptions } from './doctor.options.js';
import { makeReport, renderReport } from './doctor.report.js';
import { openFilesCheck } from './machine.checks.js';

const good = check('one', { status: 'good', found: 'all', wanted: 'all' });
const odd = check('another', { status: 'warning', found: 'some', wanted: 'all', advice: 'Look at it.' });
const wrong = check('third', { status: 'wrong', found: 'none', wanted: 'all', advice: 'word '.repeat(30) });

describe('the report of the doctor', () => {
  it('is bad when one check is wrong, and good with a warning', () => {
    expect(makeReport([good, odd]).ok).toBe(true);
    expect(makeReport([good, wrong]).ok).toBe(false);
  });

  it('is a table that fits the terminal, with what to do', () => {
    const text = renderReport(makeReport([good, odd, wrong]), { columns: 70, isColoured: false });
    const lines = text.split('\n');
    expect(lines[0]).toBe('ok    one      all');
    expect(lines.slice(1, 4)).toEqual([
      'look  another  some',
      '               wanted: all',
      '               -> Look at it.',
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(70);
    expect(lines.at(-1)).toBe('3 checks: 1 wrong, 1 to look at.');
    expect(text).not.toContain('\u001b');
  });
});

it('the options take addresses, and a key from the environment of a gateway', () => {
  expect(parseDoctorOptions(['--url', 'http://a:1/x', '--url', 'http://a:1', '--json'], {})).toEqual({
    urls: ['http://a:1'],
    apiKey: undefined,
    json: true,
  });
  expect(parseDoctorOptions([], { QUIZBELL_API_KEYS: ' k1, k2' }).apiKey).toBe('k1');
  expect(() => parseDoctorOptions(['--url', 'ftp://a'], {})).toThrow('--url takes');
});

it('open files are enough or not, or nobody knows', () => {
  const limits = (soft: string) =>
    `Max open files            ${soft}               1048576              files`;
  expect(openFilesCheck(1_000, limits('1024')).status).toBe('warning');
  expect(openFilesCheck(1_000, limits('1500')).status).toBe('good');
  expect(openFilesCheck(1_000, limits('unlimited')).status).toBe('good');
  expect(openFilesCheck(1_000, '').status).toBe('unknown');
});
