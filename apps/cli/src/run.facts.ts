import { execFileSync } from 'node:child_process';
import { machineFacts, type RunFacts, redisVersionIn, runFacts } from '#libs/measuring';
import { findOnPath } from './cluster/private.redis.js';

/**
 * What the document of a command says of its run; to be called before anything is started. Redis is the one on the PATH,
 * which such a command starts.
 */
export function factsOfRun(command: string, args: readonly string[], note: string | undefined): RunFacts {
  const server = findOnPath('redis-server', process.env);
  const said = server === undefined ? '' : execFileSync(server, ['--version'], { encoding: 'utf8' });
  return runFacts(`npm run ${command} --`, args, { machine: machineFacts(redisVersionIn(said)), note });
}
