import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startStandalone, stopAllProcesses, type TestServerProcess, uniquePrefix } from '#libs/testing';
import { SCENARIOS, stageOn } from './support/scenarios.js';
import { gistOf, readVector, vectorNames, vectorOf, writeVector } from './support/vector.files.js';

// Plays every scenario once more against a real server: what is recorded under conformance/ is what is said today.
// QUIZBELL_RECORD=1 writes the vectors anew (`npm run conformance:record`).

const isRecording = process.env.QUIZBELL_RECORD === '1';
let server: TestServerProcess;

beforeAll(async () => {
  server = await startStandalone({ prefix: uniquePrefix('conformance') });
});
afterAll(stopAllProcesses);

describe('the recorded vectors', () => {
  it.each(SCENARIOS)('$name is what a server says today', async (scenario) => {
    const recorder = await scenario.play(await stageOn(server.url));
    // What comes after the last step is nobody's; a scenario has waited for all that it is about.
    const recorded = vectorOf(scenario, recorder);
    recorder.close();
    if (isRecording) writeVector(recorded);
    const { steps, ...head } = readVector(scenario.name);
    expect(gistOf(recorded.steps)).toEqual(gistOf(steps));
    expect(recorded).toMatchObject({ about: head.about, format: head.format, protocol: head.protocol });
  });

  it('are of scenarios that are played', () => {
    expect(vectorNames()).toEqual(SCENARIOS.map(({ name }) => name).sort());
  });
});
