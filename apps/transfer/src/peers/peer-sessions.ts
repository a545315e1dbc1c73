import type { Duplex } from 'node:stream';
import { RequestSlots } from './request-slots.ts';
import type { BufferPool } from '../wire/buffer-pool.ts';
import { PieceClient } from '../wire/piece-client.ts';

const OPEN_LIMIT_MS = 15_000;
const IDLE_LIMIT_MS = 30_000;
/** The most peers that are talked to at once, for all downloads together. */
const MOST_SESSIONS = 64;

/** All that there are are in use. */
export class TooManySessions extends Error {
  override readonly name = 'TooManySessions';
}

/** How peers are found and reached; what carries the bytes is not the concern of who downloads. */
export interface PeerSessionsOptions {
  /** The peers that hold a document, as they are found. */
  readonly findSources: (documentId: string, signal: AbortSignal) => AsyncIterable<string>;
  /**
   * Opens a byte-stream to a peer on which the piece protocol is spoken. What the peer sends is handed over as it comes,
   * in memory that is used again; the stream itself has no `data`.
   */
  readonly openStream: (peerId: string, onBytes: (chunk: Buffer) => void, signal: AbortSignal) => Promise<Duplex>;
  readonly pool: BufferPool;
  readonly onReceived: (bytes: number) => void;
}

/** A peer that can be asked, and the requests that may be open there. */
export interface Session {
  readonly client: PieceClient;
  readonly slots: RequestSlots;
}

interface OpenSession {
  readonly session: Promise<Session>;
  users: number;
  idle: NodeJS.Timeout | undefined;
}

/** One long-lived stream to each peer, shared by all downloads that need it. */
export class PeerSessions {
  readonly #open = new Map<string, OpenSession>();

  constructor(private readonly options: PeerSessionsOptions) {}

  /** The peers that hold a document, as they are found. */
  findSources(documentId: string, signal: AbortSignal): AsyncIterable<string> {
    return this.options.findSources(documentId, signal);
  }

  /** Lends a session with the peer to the work; its stream is closed when nobody has used it for a while. */
  async use(peerId: string, work: (session: Session) => Promise<void>): Promise<void> {
    const open = this.#open.get(peerId) ?? this.#begin(peerId);
    open.users += 1;
    clearTimeout(open.idle);
    const session = await open.session;
    try {
      await work(session);
    } finally {
      open.users -= 1;
      if (open.users === 0) open.idle = setTimeout(() => session.client.close(), IDLE_LIMIT_MS).unref();
    }
  }

  /** Closes all streams. */
  async close(): Promise<void> {
    const sessions = await Promise.allSettled([...this.#open.values()].map(({ session }) => session));
    for (const each of sessions) if (each.status === 'fulfilled') each.value.client.close();
  }

  #begin(peerId: string): OpenSession {
    if (this.#open.size >= MOST_SESSIONS) this.#closeIdle();
    const open: OpenSession = { session: this.#connect(peerId), users: 0, idle: undefined };
    const forget = () => {
      if (this.#open.get(peerId) === open) this.#open.delete(peerId);
    };
    open.session.then(({ client }) => client.gone.addEventListener('abort', forget, { once: true }), forget);
    this.#open.set(peerId, open);
    return open;
  }

  /** Makes room for one more; throws {@link TooManySessions} when all are in use. */
  #closeIdle(): void {
    for (const [peerId, { users, session }] of this.#open) {
      if (users > 0) continue;
      this.#open.delete(peerId);
      session.then(({ client }) => client.close()).catch(() => {}); // it may never have opened
      return;
    }
    throw new TooManySessions(`${MOST_SESSIONS} peers are talked to already`);
  }

  async #connect(peerId: string): Promise<Session> {
    const { openStream, pool, onReceived } = this.options;
    const client = await PieceClient.open(
      (onBytes) => openStream(peerId, onBytes, AbortSignal.timeout(OPEN_LIMIT_MS)),
      { pool, onReceived },
    );
    return { client, slots: new RequestSlots(() => client.line.depth) };
  }
}
