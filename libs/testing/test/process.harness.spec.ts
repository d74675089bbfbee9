import { afterAll, describe, expect, it } from '@jest/globals';
import { ProcessFailure, REPOSITORY_ROOT, runProcess, startProcess, stopAllProcesses } from '#libs/testing';

const script = 'libs/testing/test/fixtures/server.mjs';
const readyLine = /Fixture is ready on (http:\S+)/;

afterAll(() => stopAllProcesses());

describe('a started process', () => {
  it('is ready when it says so, and tells where', async () => {
    const app = await startProcess({ name: 'fixture', script, readyLine });
    expect(app.url).toBe('http://127.0.0.1:4711');
    expect(app.pid).toBeGreaterThan(1);
    expect(app.stdout).toContain(`folder: ${REPOSITORY_ROOT}`);
    await app.waitForLine(/a warning/); // the two streams may overtake each other
    expect(app.stderr).toEqual(['a warning']);
    expect(app.lines).toContain('a warning');
    expect(app.hasExited).toBe(false);
    await expect(app.stop()).resolves.toEqual({ code: 0, signal: null });
    expect(app.hasExited).toBe(true);
    expect(app.lines.at(-1)).toBe('goodbye');
    await expect(app.stop()).resolves.toEqual({ code: 0, signal: null });
  });

  it('sees only the environment that it is given', async () => {
    const app = await startProcess({
      name: 'fixture',
      script,
      readyLine,
      env: { PORT: '0', REDIS_URL: undefined },
    });
    const expected = ['HOME', 'PATH', 'PORT'].filter(
      (name) => name === 'PORT' || process.env[name] !== undefined,
    );
    expect(app.stdout).toContain(`environment: ${expected.join(' ')}`);
    await app.stop();
  });

  it('can be killed', async () => {
    const app = await startProcess({ name: 'fixture', script, readyLine });
    await expect(app.kill('SIGKILL')).resolves.toEqual({ code: null, signal: 'SIGKILL' });
    await expect(app.exited).resolves.toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('does nothing while it is frozen', async () => {
    const app = await startProcess({ name: 'fixture', script, readyLine });
    await app.freeze();
    app.signal('SIGTERM');
    await expect(app.waitForLine(/goodbye/, 100)).rejects.toThrow(/in 100 ms/);
    app.thaw();
    await app.waitForLine(/goodbye/);
    await expect(app.exited).resolves.toEqual({ code: 0, signal: null });
  });

  it('is killed in the end if it does not listen', async () => {
    const app = await startProcess({ name: 'fixture', script, readyLine, args: ['deaf'] });
    app.signal('SIGTERM');
    await app.waitForLine(/I heard nothing/);
    await expect(app.stop(100)).resolves.toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('is ended with all the others', async () => {
    const apps = await Promise.all([1, 2].map(() => startProcess({ name: 'fixture', script, readyLine })));
    await stopAllProcesses();
    expect(apps.map((app) => app.hasExited)).toEqual([true, true]);
  });
});

describe('a process that does not get ready', () => {
  it('that ended shows its exit and its last output', async () => {
    const failure = await startProcess({ name: 'fixture', script, readyLine, args: ['fail'] }).catch(
      (error) => error,
    );
    expect(failure).toBeInstanceOf(ProcessFailure);
    expect(failure.exit).toEqual({ code: 2, signal: null });
    expect(failure.message).toMatch(/^fixture ended with code 2 before .*REDIS_URL: is missing/s);
  });

  it('that says nothing is ended after a time', async () => {
    const silent = startProcess({ name: 'fixture', script, readyLine, args: ['mute'], timeoutMs: 500 });
    await expect(silent).rejects.toThrow(/fixture: no line matched .* in 500 ms/);
  });

  it('for want of a build says what to do', async () => {
    const missing = startProcess({ name: 'gateway', script: 'dist/apps/nothing.js', readyLine });
    await expect(missing).rejects.toThrow(
      'gateway: there is no dist/apps/nothing.js; run npm run build first',
    );
  });
});

describe('a process that is run to its end', () => {
  it('gives its exit code and its output', async () => {
    const run = await runProcess({ name: 'fixture', script, args: ['fail'] });
    expect(run).toEqual({ code: 2, signal: null, stdout: '', stderr: 'REDIS_URL: is missing' });
  });

  it('is killed if it does not end', async () => {
    await expect(runProcess({ name: 'fixture', script, timeoutMs: 300 })).rejects.toThrow(
      /did not end in 300 ms/,
    );
  });
});
