// What docker-compose.yml and the files beside it read besides the variables of the processes. Their defaults are in those
// files; scripts/generate-config.mjs makes the documents of both and fails when one is not described here.

/** Name: what it is for, in Markdown without a full stop at the end. */
export const COMPOSE_VARIABLES = {
  REDIS_PASSWORD:
    'The password of the Redis that compose starts, letters and digits (`openssl rand -hex 24`)',
  QUIZBELL_HTTP_PORT: 'The port that HAProxy is published on',
  QUIZBELL_HTTPS_PORT: 'The port of HTTPS, with `deploy/tls/docker-compose.tls.yml`',
  QUIZBELL_TLS_CERTIFICATES: 'The folder, or file, of certificates for HTTPS (chain and key in one file)',
  QUIZBELL_IMAGE: 'The image of all processes',
  QUIZBELL_ENV_FILE: "The file that the processes' variables are read from; give `--env-file` the same",
  QUIZBELL_REDIS_MAX_MEMORY:
    'The most memory that Redis takes (`2gb`); when it is full, new rooms are refused. 0 is no bound',
  QUIZBELL_API_KEY: 'The key with which the commands (`demo`, the load, `doctor`) create rooms',
  PROMETHEUS_IMAGE: 'With the profile `observability`',
  PROMETHEUS_RETENTION: 'How long Prometheus keeps what it has measured',
  GRAFANA_IMAGE: 'With the profile `observability`',
  GRAFANA_PASSWORD: "Of Grafana's user `admin`",
  QUIZBELL_GRAFANA_PORT: 'The port of Grafana, on this machine only',
  LOAD_PLAYERS: 'How many players the profile `load` sends',
};
