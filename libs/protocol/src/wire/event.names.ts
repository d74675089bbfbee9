/** Events that a client sends: `noun:verb`, exactly one object, always with an ack callback. */
export const CLIENT_EVENTS = {
  roomJoin: 'room:join',
  roomLeave: 'room:leave',
  roomRoster: 'room:roster',
  roomClose: 'room:close',
  clockSync: 'clock:sync',
  questionStart: 'question:start',
  questionPause: 'question:pause',
  questionResume: 'question:resume',
  questionExtend: 'question:extend',
  questionStop: 'question:stop',
  answerSubmit: 'answer:submit',
  memberKick: 'member:kick',
} as const;
export type ClientEventName = (typeof CLIENT_EVENTS)[keyof typeof CLIENT_EVENTS];

/** Events that a server sends: `noun:past`, exactly one object, never acknowledged. */
export const SERVER_EVENTS = {
  questionStarted: 'question:started',
  questionOpened: 'question:opened',
  questionTick: 'question:tick',
  questionPaused: 'question:paused',
  questionResumed: 'question:resumed',
  questionExtended: 'question:extended',
  questionClosed: 'question:closed',
  roomState: 'room:state',
  roomPresence: 'room:presence',
  roomClosed: 'room:closed',
  answersCount: 'answers:count',
  serverDraining: 'server:draining',
  memberRemoved: 'member:removed',
} as const;
export type ServerEventName = (typeof SERVER_EVENTS)[keyof typeof SERVER_EVENTS];
