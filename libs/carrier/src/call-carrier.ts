import { type Socket, connect } from 'node:net';
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
}

/** The other side answered, and said no. */
export class CarrierRefused extends Error {
  override readonly name = 'CarrierRefused';
}

/** Opens a byte-stream; resolves when the other side has accepted it. The socket is the caller's to close. */
export async function callCarrier(call: CarrierCall): Promise<Socket> {
  call.signal?.throwIfAborted();
  const socket = connect({ host: call.host, port: call.port, noDelay: true, allowHalfOpen: true });
  const onAbort = () => socket.destroy(new Error('the call was given up'));
  call.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    socket.write(callLine(call.token, call.header));
    const refusal = readAnswer(await readLine(socket, call.timeoutMs));
    if (refusal !== null) throw new CarrierRefused(refusal);
    return socket;
  } catch (error) {
    socket.on('error', () => {}); // the error that matters is thrown here
    socket.destroy();
    throw error;
  } finally {
    call.signal?.removeEventListener('abort', onAbort);
  }
}
