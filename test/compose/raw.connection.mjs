const OPEN_TIMEOUT_MS = 20_000;

/**
 * A websocket in the namespace `/quiz` that joins no room: by the bare protocol of Socket.IO, so that hundreds cost little.
 *
 * @param url `http://...` or `https://...`
 * @param pin six digits for the address, or undefined for none
 * @returns the open WebSocket @throws Error when it is not admitted
 */
export function openRawConnection(url, pin) {
  const query = new URLSearchParams({
    EIO: '4',
    transport: 'websocket',
    ...(pin === undefined ? {} : { pin }),
  });
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/socket.io/?${query}`);
  return new Promise((resolve, reject) => {
    const fail = (why) => {
      clearTimeout(timer);
      socket.close();
      reject(new Error(`No connection to ${url}: ${why}`));
    };
    const timer = setTimeout(() => fail('no answer'), OPEN_TIMEOUT_MS);
    socket.addEventListener('error', () => fail('an error'));
    socket.addEventListener('close', () => fail('closed'));
    socket.addEventListener('message', ({ data }) => {
      if (data === '2') socket.send('3');
      else if (data.startsWith('0')) socket.send('40/quiz,');
      else if (data.startsWith('40/quiz,')) {
        clearTimeout(timer);
        resolve(socket);
      } else if (data.startsWith('44')) fail(data);
    });
  });
}
