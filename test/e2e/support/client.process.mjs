// A program with a room, for client-process.e2e-spec.ts: says what state its room is in, and disconnects on SIGUSR2.
// Usage: node client.process.mjs <pin> <url>...
import { openRoom } from '#libs/client';

const [pin, ...url] = process.argv.slice(2);
const room = openRoom({ url, pin, name: 'Ada' });
let said;
room.subscribe(() => {
  if (room.state.connection !== said) console.log(room.state.connection);
  said = room.state.connection;
});
process.once('SIGUSR2', () => {
  room.disconnect();
  console.log('disconnected');
});
console.log('opened');
