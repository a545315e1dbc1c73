import type { Socket } from 'node:net';
import { LINE_LIMIT_BYTES } from './header.ts';

/** Takes the first line off a socket and leaves what follows it unread; rejects when it is too long, too late or cut off. */
export function readLine(socket: Socket, timeoutMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const parts: Buffer[] = [];
  let sizeBytes = 0;

  const onReadable = () => {
    for (let part = socket.read() as Buffer | null; part !== null; part = socket.read() as Buffer | null) {
      const end = part.indexOf(0x0a);
      parts.push(end < 0 ? part : part.subarray(0, end));
      sizeBytes += parts.at(-1)?.length ?? 0;
      if (sizeBytes > LINE_LIMIT_BYTES)
        return reject(new Error(`the first line has more than ${LINE_LIMIT_BYTES} bytes`));
      if (end < 0) continue;
      stopListening();
      if (end + 1 < part.length) socket.unshift(part.subarray(end + 1));
      return resolve(Buffer.concat(parts).toString('utf8'));
    }
  };
  const onEnd = () => reject(new Error('the connection ended before its first line'));
  const timer = setTimeout(() => reject(new Error(`no first line within ${timeoutMs} ms`)), timeoutMs);
  const stopListening = () => {
    clearTimeout(timer);
    socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd).off('error', reject);
  };
  socket.on('readable', onReadable).on('end', onEnd).on('close', onEnd).on('error', reject);
  return promise.finally(stopListening);
}
