import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { REPOSITORY_ROOT } from '#libs/testing';
import { hasPrometheus, RULES } from './support/prometheus.server.js';

const read = (file: string) => readFileSync(join(REPOSITORY_ROOT, file), 'utf8');
const rules = readFileSync(RULES, 'utf8');
const alerts = [...rules.matchAll(/^ *- alert: (\w+)$/gm)].map(([, name]) => name ?? '');
const cases = read('test/observability/quizbell.rules.test.yml');
const advice = read('docs/alerts.md');
const documented = new Set([...read('docs/metrics.md').matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name));

const promtool = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: REPOSITORY_ROOT, encoding: 'utf8' });
  return { status, output: status === 0 ? '' : stdout + stderr };
};

const metricsIn = (text: string) =>
  [...text.matchAll(/\b(?:quizbell|nodejs|process)_\w+/g)]
    .map(([name]) => name.replace(/_(bucket|count|sum)$/, ''))
    .filter((name) => !documented.has(name));

describe('alert rules', () => {
  (hasPrometheus ? it : it.skip)('are rules, and the configuration finds them', () => {
    expect(promtool('check', 'rules', RULES)).toEqual({ status: 0, output: '' });
    expect(promtool('check', 'config', 'deploy/prometheus/prometheus.yml')).toEqual({
      status: 0,
      output: '',
    });
  });

  (hasPrometheus ? it : it.skip)('are raised by what they are for, and by nothing that looks like it', () => {
    const file = 'test/observability/quizbell.rules.test.yml';
    expect(promtool('test', 'rules', file)).toEqual({ status: 0, output: '' });
  });

  it('have a test each way, and a chapter that says what to do', () => {
    expect(alerts.length).toBeGreaterThan(15);
    for (const name of alerts) {
      expect(cases).toContain(`- name: '${name}: raised'`);
      expect(cases).toContain(`- name: '${name}: not raised'`);
      expect(advice.split('\n')).toContain(`## ${name}`);
      expect(rules).toContain(`runbook: docs/alerts.md#${name.toLowerCase()}\n`);
    }
    const chapters = [...advice.matchAll(/^## (Quizbell\w+)$/gm)].map(([, name]) => name);
    expect(chapters.sort()).toEqual([...alerts].sort());
  });

  it('speak, as the dashboard does, of metrics that there are', () => {
    expect(metricsIn(rules)).toEqual([]);
    const { panels } = JSON.parse(read('deploy/grafana/dashboards/quizbell.json'));
    expect(metricsIn(JSON.stringify(panels))).toEqual([]);
  });
});
