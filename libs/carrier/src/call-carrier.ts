import { type OnReadOpts, type Socket, connect } from 'node:net';
import { type CarrierHeader, callLine, readAnswer } from './header.ts';
import { readLine } from './read-line.ts';

/** Whom to call, and for what. */
export interface CarrierCall {
  readonly host: string;
  readonly port: number;
  readonly token: string;
  readonly header: CarrierHeader;
  /** How long the other side may take to accept. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /**
   * Takes what comes, in place of the socket's `data` events: the memory of the chunk is used again after the call, so
   * that much can be received without a new buffer for each part of it.
   */
  readonly onBytes?: (chunk: Buffer) => void;
}

const READ_BYTES = 262_144;

/** The other side answered and refused. */
export class CarrierRefused extends Error {
  override readonly name = 'CarrierRefused';
}

/** Opens a byte-stream; resolves when the other side has accepted it. The socket is the caller's to close. */
export async function callCarrier(call: CarrierCall): Promise<Socket> {
  call.signal?.throwIfAborted();
  const reader = call.onBytes && new Reader(call.onBytes);
  const socket: Socket = connect({
    ...{ host: call.host, port: call.port, noDelay: true, allowHalfOpen: true },
    ...(reader && { onread: reader.options(() => socket) }),
  });
  const onAbort = () => socket.destroy(new Error('the call was given up'));
  call.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    socket.write(callLine(call.token, call.header));
    const refusal = readAnswer(await readLine(socket, call.timeoutMs));
    if (refusal !== null) throw new CarrierRefused(refusal);
    reader?.begin(socket);
    return socket;
  } catch (error) {
    socket.on('error', () => {}); // the error that matters is thrown here
    socket.destroy();
    throw error;
  } finally {
    call.signal?.removeEventListener('abort', onAbort);
  }
}

/** Reads a socket into one buffer; the answer to the call goes the usual way. */
class Reader {
  #hasBegun = false;

  constructor(private readonly onBytes: (chunk: Buffer) => void) {}

  options(socket: () => Socket): OnReadOpts {
    return {
      buffer: Buffer.allocUnsafeSlow(READ_BYTES),
      callback: (length, buffer) => {
        const chunk = Buffer.from(buffer.buffer, buffer.byteOffset, length);
        if (this.#hasBegun) this.onBytes(chunk);
        else socket().push(Buffer.from(chunk));
        return true;
      },
    };
  }

  /** Hands out what followed the answer at once, and from now on all that comes. */
  begin(socket: Socket): void {
    this.#hasBegun = true;
    const rest = socket.read() as Buffer | null;
    if (rest) this.onBytes(rest);
    socket.resume(); // or its end would not be noticed
  }
}
