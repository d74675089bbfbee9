// The health check of a container: exit 0 when its process is ready, 1 when it is not or does not answer.
import { get } from 'node:http';

const TIMEOUT_MS = 3_000;

const request = get(
  {
    host: '127.0.0.1',
    port: process.env.QUIZBELL_OPS_PORT,
    path: '/health/ready',
    timeout: TIMEOUT_MS,
    agent: false,
  },
  (response) => {
    response.pipe(process.stdout);
    process.exitCode = response.statusCode === 200 ? 0 : 1;
  },
);
request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
request.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
