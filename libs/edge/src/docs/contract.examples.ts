// One run of one question in one room, as every example of the documents tells it.

const OPENS_AT = 1_795_309_343_974;
const DURATION_MS = 20_000;

export const ROOM_ID = '004zxp7tdre2nfkf4q0bwn60';
export const PIN = '482913';
export const PLAYER_ID = 'p_lh3mo9iqkjm7';
export const RUN_ID = OPENS_AT;
export const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJyaWQiOiIwMDR6eHAifQ.9Hq0qXbq2Zt4cO0v3mYc5w';
export const SENT_AT = 1_795_309_340_000;

export const OPEN_TICK = {
  roomId: ROOM_ID,
  questionId: 'capital-1',
  runId: RUN_ID,
  version: RUN_ID,
  phase: 'open',
  opensAt: OPENS_AT,
  endsAt: OPENS_AT + DURATION_MS,
  remainingMs: 19_996,
  durationMs: DURATION_MS,
  graceMs: 0,
  tickMs: 1_000,
  serverNow: OPENS_AT + 4,
};

export const OPEN_SNAPSHOT = {
  ...OPEN_TICK,
  content: { text: 'Capital of France?', choices: [{ id: 'b', text: 'Paris' }] },
};

export const IDLE_SNAPSHOT = {
  roomId: ROOM_ID,
  questionId: null,
  runId: null,
  version: 1_795_309_330_120,
  phase: 'idle',
  opensAt: null,
  endsAt: null,
  remainingMs: null,
  durationMs: null,
  graceMs: null,
  tickMs: null,
  serverNow: 1_795_309_331_002,
};

export const PAUSED_SNAPSHOT = {
  ...OPEN_SNAPSHOT,
  version: OPENS_AT + 5_000,
  phase: 'paused',
  endsAt: null,
  remainingMs: 15_000,
  serverNow: OPENS_AT + 5_001,
};

export const EXTENDED_SNAPSHOT = {
  ...OPEN_SNAPSHOT,
  version: OPENS_AT + 6_000,
  endsAt: OPENS_AT + 25_000,
  durationMs: 25_000,
  remainingMs: 19_000,
  serverNow: OPENS_AT + 6_000,
};

export const LEAD_IN_SNAPSHOT = {
  ...OPEN_SNAPSHOT,
  phase: 'lead-in',
  opensAt: OPENS_AT + 3_000,
  endsAt: OPENS_AT + 23_000,
  remainingMs: DURATION_MS,
  serverNow: OPENS_AT,
};

export const CLOSED_SNAPSHOT = {
  ...OPEN_SNAPSHOT,
  version: OPENS_AT + DURATION_MS,
  phase: 'closed',
  remainingMs: 0,
  serverNow: OPENS_AT + DURATION_MS + 2,
  reason: 'expired',
  closedAt: OPENS_AT + DURATION_MS,
};

export const STOPPED_SNAPSHOT = {
  ...CLOSED_SNAPSHOT,
  version: OPENS_AT + 9_000,
  remainingMs: 11_000,
  serverNow: OPENS_AT + 9_000,
  reason: 'stopped',
  closedAt: OPENS_AT + 9_000,
};

export const START_QUESTION = {
  questionId: 'capital-1',
  durationMs: DURATION_MS,
  content: OPEN_SNAPSHOT.content,
  correct: 'b',
  commandId: 'start-capital-1',
};

export const JUDGEMENT = { verdict: 'accepted', receivedAt: OPENS_AT + 613, elapsedMs: 613 };

export const OUTCOME = {
  roomId: ROOM_ID,
  questionId: 'capital-1',
  runId: RUN_ID,
  opensAt: OPENS_AT,
  endsAt: OPENS_AT + DURATION_MS,
  closedAt: OPENS_AT + DURATION_MS,
  reason: 'expired',
  durationMs: DURATION_MS,
  graceMs: 0,
  pausedMs: 0,
  settledAt: OPENS_AT + DURATION_MS + 1_000,
  correct: 'b',
  counts: { accepted: 1, late: 0, paused: 0, not_open: 0 },
  answers: [{ playerId: PLAYER_ID, name: 'Ada', choice: 'b', ...JUDGEMENT, isCorrect: true }],
  timeline: [
    {
      event: 'started',
      at: OPENS_AT,
      version: RUN_ID,
      endsAt: OPENS_AT + DURATION_MS,
      durationMs: DURATION_MS,
    },
    { event: 'verdict', at: JUDGEMENT.receivedAt, playerId: PLAYER_ID, verdict: 'accepted' },
    {
      event: 'closed',
      at: OPENS_AT + DURATION_MS,
      version: OPENS_AT + DURATION_MS,
      endsAt: OPENS_AT + DURATION_MS,
      durationMs: DURATION_MS,
      reason: 'expired',
    },
  ],
};

export const RESULTS = {
  roomId: ROOM_ID,
  questionId: OUTCOME.questionId,
  runId: RUN_ID,
  reason: OUTCOME.reason,
  closedAt: OUTCOME.closedAt,
  answered: 1,
  correct: 'b',
  choices: [{ choice: 'b', count: 1 }],
};
