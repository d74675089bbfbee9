// What every command that measures says of its run, and how its figures are kept. For commands of developers only.
export {
  commitName,
  loadNow,
  type MachineFacts,
  machineFacts,
  redisVersion,
  redisVersionIn,
} from './machine.facts.js';
export { resultText, writeResult } from './result.file.js';
export { machineLine, type RunFacts, runFacts } from './run.facts.js';
