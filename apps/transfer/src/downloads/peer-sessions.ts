import { type Socket } from 'node:net';
import { FindSources, PIECES_PROTOCOL } from '@allibrary/contracts';
import { callCarrier } from '@allibrary/carrier';
import type { Bus } from '@allibrary/messaging';
import type { BufferPool } from '../pieces/buffer-pool.ts';
import { PieceClient } from '../pieces/piece-client.ts';

const OPEN_LIMIT_MS = 15_000;
const IDLE_LIMIT_MS = 30_000;

/** How peers are found and reached: both by p2p-node, over which carrier it likes. */
export interface PeerSessionsOptions {
  readonly bus: Bus;
  readonly carrier: { readonly host: string; readonly port: number };
  readonly token: string;
  readonly pool: BufferPool;
  readonly onReceived: (bytes: number) => void;
}

interface Session {
  readonly client: Promise<PieceClient>;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

/** One long-lived stream to each peer, shared by all downloads that need it. */
export class PeerSessions {
  readonly #sessions = new Map<string, Session>();

  constructor(private readonly options: PeerSessionsOptions) {}

  /** The peers that hold a document, as they are found. */
  async *findSources(documentId: string, signal: AbortSignal): AsyncGenerator<string> {
    for await (const { peerId } of this.options.bus.requestMany(FindSources, { documentId }, { signal })) yield peerId;
  }

  /** Lends a client for the peer to the work; its stream is closed when nobody has used it for a while. */
  async use(peerId: string, work: (client: PieceClient) => Promise<void>): Promise<void> {
    const session = this.#sessions.get(peerId) ?? this.#open(peerId);
    session.users += 1;
    clearTimeout(session.idle);
    const client = await session.client;
    try {
      await work(client);
    } finally {
      session.users -= 1;
      if (session.users === 0) session.idle = setTimeout(() => client.close(), IDLE_LIMIT_MS).unref();
    }
  }

  /** Closes all streams. */
  async close(): Promise<void> {
    const clients = await Promise.allSettled([...this.#sessions.values()].map(({ client }) => client));
    for (const each of clients) if (each.status === 'fulfilled') each.value.close();
  }

  #open(peerId: string): Session {
    const session: Session = { client: this.#connect(peerId), users: 0, idle: undefined };
    const forget = () => {
      if (this.#sessions.get(peerId) === session) this.#sessions.delete(peerId);
    };
    session.client.then((client) => client.gone.addEventListener('abort', forget, { once: true }), forget);
    this.#sessions.set(peerId, session);
    return session;
  }

  async #connect(peerId: string): Promise<PieceClient> {
    const { carrier, token, pool, onReceived } = this.options;
    const header = { kind: 'peer', peerId, protocol: PIECES_PROTOCOL } as const;
    const socket: Socket = await callCarrier({ ...carrier, token, header, timeoutMs: OPEN_LIMIT_MS });
    return new PieceClient(socket, pool, onReceived);
  }
}
