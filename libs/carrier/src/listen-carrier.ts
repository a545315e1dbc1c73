import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { type CarrierHeader, answerLine, readCall } from './header.ts';
import { readLine } from './read-line.ts';

const HEADER_LIMIT_MS = 5_000;

/** A call that has come in: accept or refuse it before the stream is used. */
export interface IncomingCall {
  readonly header: CarrierHeader;
  /** The connection, its first line taken off; it stays half-open until both sides have ended. */
  readonly stream: Socket;
  readonly accept: () => void;
  /** Says why not, and ends the connection. */
  readonly refuse: (reason: string) => void;
}

/** Where calls come in, and who takes them. */
export interface CarrierListenerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly token: string;
  readonly onCall: (call: IncomingCall) => void | Promise<void>;
  /** Receives the calls that were not understood or whose handling failed. */
  readonly onFailure?: (error: unknown) => void;
  /** How many connections may be open at once. */
  readonly maxConnections?: number;
}

/** A listener that is open. */
export interface CarrierListener {
  readonly port: number;
  /** Closes the port and every connection. */
  close(): Promise<void>;
}

/** Opens the port on which other services of this node call for byte-streams. */
export async function listenCarrier(options: CarrierListenerOptions): Promise<CarrierListener> {
  const connections = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: false }, (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy()); // whoever uses the stream sees its own end of it
    receive(socket, options).catch((error: unknown) => {
      socket.destroy();
      options.onFailure?.(error);
    });
  });
  server.maxConnections = options.maxConnections ?? 1_024;
  await listen(server, options);
  return { port: (server.address() as AddressInfo).port, close: () => close(server, connections) };
}

async function receive(socket: Socket, { token, onCall }: CarrierListenerOptions): Promise<void> {
  const header = readCall(await readLine(socket, HEADER_LIMIT_MS), token);
  await onCall({
    header,
    stream: socket,
    accept: () => void socket.write(answerLine(null)),
    refuse: (reason) => void socket.end(answerLine(reason.slice(0, 500)), () => socket.destroySoon()),
  });
}

function listen(server: Server, { host, port }: CarrierListenerOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen({ host, port }, resolve);
  return promise;
}

function close(server: Server, connections: Set<Socket>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  for (const socket of connections) socket.destroy();
  return promise;
}
