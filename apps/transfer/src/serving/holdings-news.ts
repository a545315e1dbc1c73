import { FrameType, MAX_FOLLOWED, MOST_NEWS } from '../wire/frames.ts';
import { RefusalCode, encodeIndices } from '../wire/messages.ts';
import type { OfferedDocuments } from './offered-documents.ts';
import { Refusal } from './refusal.ts';

/** New pieces are announced together, this long after the first. */
const NEWS_AFTER_MS = 500;

/** Sends one frame to the peer; resolves when it is on its way, or the peer is gone. Never rejects. */
export type SendFrame = (type: FrameType, requestId: number, payload: Buffer) => Promise<void>;

interface Followed {
  readonly documentId: string;
  readonly unfollow: () => void;
  news: number[];
  timer: NodeJS.Timeout | undefined;
}

/** Sends one peer the pieces held of the documents that it follows, and each new one. */
export class HoldingsNews {
  readonly #followed = new Map<number, Followed>();

  constructor(
    private readonly offered: OfferedDocuments,
    private readonly send: SendFrame,
    private readonly refuse: (requestId: number, refusal: Refusal) => void,
  ) {}

  /** Starts to send the pieces held of a document, up to half a megabyte at first; rejects with a {@link Refusal}. */
  async follow(requestId: number, documentId: string): Promise<void> {
    if (this.#followed.size >= MAX_FOLLOWED) throw new Refusal(RefusalCode.Busy, 'too many documents are followed');
    const bits = this.offered.holdings(documentId);
    const followed: Followed = {
      documentId,
      unfollow: this.offered.follow(documentId, {
        onGained: (index) => this.#gained(requestId, followed, index),
        onEnd: () => this.#ended(requestId, followed),
      }),
      news: [],
      timer: undefined,
    };
    this.#followed.set(requestId, followed);
    await this.#sendHeld(requestId, bits);
  }

  /** Ends one request; returns false when there is none with this id. */
  stop(requestId: number): boolean {
    const followed = this.#followed.get(requestId);
    if (!followed) return false;
    clearTimeout(followed.timer);
    followed.unfollow();
    return this.#followed.delete(requestId);
  }

  /** Ends all requests. */
  stopAll(): void {
    for (const requestId of this.#followed.keys()) this.stop(requestId);
  }

  #gained(requestId: number, followed: Followed, index: number): void {
    followed.news.push(index);
    followed.timer ??= setTimeout(() => this.#sendNews(requestId, followed), NEWS_AFTER_MS);
  }

  #sendNews(requestId: number, followed: Followed): void {
    const { news } = followed;
    followed.timer = undefined;
    followed.news = [];
    for (let at = 0; at < news.length; at += MOST_NEWS) {
      const payload = encodeIndices(news.slice(at, at + MOST_NEWS));
      this.send(FrameType.Have, requestId, payload).catch(() => {}); // it never rejects
    }
  }

  /** A download that has ended may have become a whole document, of which there are no more news. */
  #ended(requestId: number, { documentId }: Followed): void {
    try {
      const bits = this.offered.holdings(documentId);
      this.stop(requestId);
      this.#sendHeld(requestId, bits).catch(() => {}); // as above
    } catch (error) {
      this.stop(requestId);
      if (error instanceof Refusal) this.refuse(requestId, error);
    }
  }

  #sendHeld(requestId: number, bits: Uint8Array | null): Promise<void> {
    return this.send(FrameType.HeldPieces, requestId, Buffer.from(bits ?? []));
  }
}
