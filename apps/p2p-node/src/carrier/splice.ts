import type { Socket } from 'node:net';
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface';
import { MAX_STREAM_WINDOW_BYTES } from '../network/libp2p-host.ts';

/** Counts the bytes that pass. */
export type CountBytes = (direction: 'in' | 'out', bytes: number) => void;

/** Bytes that may wait in a stream for the peer; beyond this the socket is not read. */
const MOST_QUEUED_BYTES = 262_144;
const STALL_LIMIT_MS = 120_000;

/** Both ends of a splice, and how it breaks. */
interface Ends {
  readonly stream: Stream;
  readonly socket: Socket;
  /** Resets both ends, so that nobody takes what is cut off for the whole. */
  readonly fail: (reason: unknown) => void;
  readonly count: CountBytes;
}

/**
 * Joins a libp2p stream and a half-open socket until both have closed. An end of one side ends the other one when all
 * that came before it has passed; a break of one side breaks the other. Neither is read faster than the other takes.
 */
export async function splice(stream: Stream, socket: Socket, count: CountBytes): Promise<void> {
  const closed = Promise.all([streamClosed(stream), socketClosed(socket)]);
  const fail = (reason: unknown): void => {
    stream.abort(reason instanceof Error ? reason : new Error(String(reason)));
    if (socket.writableEnded)
      socket.destroy(); // it can't be reset any more
    else socket.resetAndDestroy();
  };
  let moved = 0;
  const ends: Ends = {
    stream,
    socket,
    fail,
    count: (direction, bytes) => {
      moved += bytes;
      count(direction, bytes);
    },
  };
  if (socket.destroyed || !isAlive(stream)) fail(new Error('one side was gone before they were joined'));
  else joinEnds(ends);
  const watch = watchForStall(ends, () => moved);
  await closed;
  clearInterval(watch);
}

function joinEnds(ends: Ends): void {
  // A paused stream still takes in a whole window, and is reset by its own limit when that is the smaller one. Bytes in
  // bulk come only on the streams that this node opened; a stranger's stream brings small requests.
  if (ends.stream.direction === 'outbound') ends.stream.maxReadBufferLength = MAX_STREAM_WINDOW_BYTES;
  fromStreamToSocket(ends);
  fromSocketToStream(ends);
}

function fromStreamToSocket({ stream, socket, count, fail }: Ends): void {
  const onEnd = (): void => {
    if (stream.status === 'aborted' || stream.status === 'reset') return;
    if (isAlive(stream)) socket.end();
    else socket.destroySoon(); // nobody can receive what the socket might still send
  };
  let isResuming = false;
  const pause = (): void => {
    if (!isResuming && stream.readStatus === 'readable') stream.pause();
  };
  // resume() hands out what waits and only then opens yamux's window: a pause in between would be undone there, and
  // the peer could send without end into a stream that nobody reads.
  const resume = (): void => {
    if (stream.readStatus !== 'paused') return;
    isResuming = true;
    try {
      stream.resume();
    } catch (error) {
      if (!stream.readableEnded) fail(error); // else its connection closed meanwhile, and this was the rest
    }
    isResuming = false;
    if (socket.writableNeedDrain) pause();
  };
  stream.addEventListener('message', ({ data }: StreamMessageEvent) => {
    count('in', data.byteLength);
    if (!writeAll(socket, data)) pause();
  });
  // Not 'remoteCloseWrite': that comes while a paused stream still holds bytes, 'end' after the last of them.
  stream.addEventListener('end', onEnd);
  stream.addEventListener('close', ({ error }: StreamCloseEvent) => {
    if (error) fail(error);
    else if (stream.readableEnded) socket.destroySoon();
  });
  socket.on('drain', resume);
  if (stream.readableEnded) onEnd();
  resume();
}

function fromSocketToStream({ stream, socket, count, fail }: Ends): void {
  // `stream.onDrain()` of @libp2p/utils 7.4 resolves at once after its first use, and a 'drain' may come because another
  // stream of the connection can go on: what counts is whether this one has little left to send.
  const resume = (): void => {
    const takesMore = !stream.writableNeedsDrain && stream.writeBufferLength <= MOST_QUEUED_BYTES;
    if (takesMore && socket.isPaused()) socket.resume();
  };
  socket.on('data', (chunk: Buffer) => {
    count('out', chunk.length);
    try {
      if (!stream.send(chunk)) socket.pause();
    } catch (error) {
      fail(error);
    }
  });
  stream.addEventListener('drain', resume);
  stream.addEventListener('idle', resume);
  socket.on('end', () => {
    stream.close().catch(fail);
  });
  socket.on('error', () => {}); // 'close' follows
  socket.on('close', (hadError) => {
    if (hadError || !socket.readableEnded || !stream.readableEnded) fail(new Error('the socket closed too early'));
  });
  socket.resume();
}

/** Hands over all parts as one write; false when the socket has enough for now. */
function writeAll(socket: Socket, data: StreamMessageEvent['data']): boolean {
  let takesMore = true;
  socket.cork();
  for (const part of data instanceof Uint8Array ? [data] : data) takesMore = socket.write(part);
  socket.uncork();
  return takesMore;
}

/** Breaks a splice in which one side waits for the other, or has ended, and nothing moves for minutes. */
function watchForStall({ stream, socket, fail }: Ends, moved: () => number): NodeJS.Timeout {
  let before = -1;
  return setInterval(() => {
    const isWaiting = socket.isPaused() || stream.readStatus === 'paused';
    const isHalfClosed = socket.readableEnded || stream.readableEnded;
    if ((isWaiting || isHalfClosed) && moved() === before) fail(new Error('nothing has moved for too long'));
    before = moved();
  }, STALL_LIMIT_MS).unref();
}

const isAlive = ({ status }: Stream): boolean => status === 'open' || status === 'closing';

function streamClosed(stream: Stream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (isAlive(stream)) stream.addEventListener('close', () => resolve());
  else resolve();
  return promise;
}

function socketClosed(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (socket.closed) resolve();
  else socket.on('close', () => resolve());
  return promise;
}
