import { CannotRun, type Command } from '../command.types.js';
import { watchForStop } from '../signal.watch.js';
import { parseClusterOptions } from './cluster.options.js';
import { Cluster } from './cluster.supervisor.js';
import { portProblem } from './free.port.js';

const HELP = `Usage: npm run cluster -- [options]

Starts two gateways and a scheduler on this machine, with one secret for all, and shows their logs. Ctrl-C stops them.
They share the Redis of REDIS_URL; without one a private redis-server is started and, at the end, removed.

  --ports 3000,3001   one gateway on each of these ports; 0 takes a free one
  --gateways 2        so many gateways, on the ports from 3000 on
  --schedulers 1      so many schedulers: one acts for each shard, the others stand by
  -h, --help          this text

Environment: REDIS_URL, QUIZBELL_SECRET (else one is made up) and all others of Quizbell are passed on; QUIZBELL_OPS_PORT
is not, each process takes a free port.

Exit codes: 0 stopped as asked, 1 a process died, 2 could not run.`;

/** `npm run cluster`: what a deployment runs on many machines, on this one. */
export const clusterCommand: Command = {
  summary: 'two gateways and a scheduler on this machine',
  help: HELP,
  async run(args) {
    const options = parseClusterOptions(args);
    await refuseTakenPorts(options.ports, process.env.HOST ?? '0.0.0.0');
    const stop = watchForStop();
    try {
      return await new Cluster(options, process.env).run(stop.signal);
    } finally {
      stop.dispose();
    }
  },
};

/** Before anything is started: a gateway that finds its port taken would say so in the middle of the others' logs. */
async function refuseTakenPorts(ports: readonly number[], host: string): Promise<void> {
  for (const port of ports) {
    if (port === 0) continue;
    const problem = await portProblem(port, host);
    if (problem === undefined) continue;
    const why = problem === 'EADDRINUSE' ? 'is taken' : `cannot be used (${problem})`;
    throw new CannotRun(
      `Port ${port} ${why}. End what listens there (another npm start or npm run cluster?), or choose other ports:\n` +
        '  npm run cluster -- --ports 4000,4001',
    );
  }
}
