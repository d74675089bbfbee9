// The client of Quizbell's rooms for browsers and Node.
export * from './client.types.js';
export * from './environment.js';
export * from './quizbell.error.js';
export { joinRoom, openRoom } from './room/open.room.js';
export { memoryStorage, type WebStorage, webStorage } from './room/token.storage.js';
export * from './wire.types.js';
