import type { Socket } from 'node:net';
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface';

/** Counts the bytes that pass. */
export type CountBytes = (direction: 'in' | 'out', bytes: number) => void;

/**
 * Joins a libp2p stream and a socket until both have ended; whatever ends or breaks one side ends or breaks the other.
 * Neither side is read faster than the other one takes: `stream.onDrain()` of @libp2p/utils 7.4 resolves at once after
 * its first use, so the `drain` events themselves are what is waited for.
 */
export function splice(stream: Stream, socket: Socket, count: CountBytes): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let open = 2;
  const oneClosed = () => {
    open -= 1;
    if (open === 0) resolve();
  };
  fromStreamToSocket(stream, socket, count);
  fromSocketToStream(socket, stream, count);
  stream.addEventListener('close', (event: StreamCloseEvent) => {
    if (event.error) socket.destroy();
    else socket.end();
    oneClosed();
  });
  socket.on('close', (hadError) => {
    if (hadError || stream.status === 'open') stream.abort(new Error('the other side of the splice is gone'));
    oneClosed();
  });
  socket.on('error', () => {}); // 'close' follows, and says it all
  if (stream.status !== 'open' && stream.status !== 'closing') stream.dispatchEvent(new Event('close'));
  return promise;
}

function fromStreamToSocket(stream: Stream, socket: Socket, count: CountBytes): void {
  stream.addEventListener('message', ({ data }: StreamMessageEvent) => {
    count('in', data.byteLength);
    let flows = true;
    socket.cork();
    for (const part of data instanceof Uint8Array ? [data] : data) flows = socket.write(part);
    socket.uncork();
    if (!flows) stream.pause();
  });
  socket.on('drain', () => stream.resume());
  stream.addEventListener('remoteCloseWrite', () => socket.end());
}

function fromSocketToStream(socket: Socket, stream: Stream, count: CountBytes): void {
  socket.on('data', (chunk: Buffer) => {
    if (stream.status !== 'open') return;
    count('out', chunk.length);
    if (!stream.send(chunk)) socket.pause();
  });
  stream.addEventListener('drain', () => socket.resume());
  socket.on('end', () => {
    stream.close().catch((error: unknown) => stream.abort(error as Error));
  });
}
