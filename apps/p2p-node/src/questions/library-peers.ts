import type { PeerAnswer, SearchRequest } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import type { PeerId } from '@libp2p/interface';
import type { z } from 'zod';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import type { Exchange } from '../protocols/exchange.ts';
import { HAVE, MOST_ASKED_DOCUMENTS, MOST_HITS, SEARCH } from '../protocols/library-protocols.ts';
import type { PacedQuestions } from '../protocols/paced-questions.ts';
import { HeldDocuments } from './held-documents.ts';
import { inOrderOfCompletion } from './in-order-of-completion.ts';
import { isWanted } from './wanted-hits.ts';

const MOST_ASKED = 50;
/** A `have` question serves several documents, so it does not end with the search for one of them. */
const HAVE_LIMIT_MS = 10_000;
const MOST_REMEMBERED_PEERS = 200;

/** A library and documents that it claims to hold. */
export interface HeldByPeer {
  readonly peerId: string;
  readonly documentIds: string[];
}

type OneAnswer = Exclude<PeerAnswer, { kind: 'asked' }>;

/** A document whose holders are looked for, and those that will be looked for next. */
export interface WantedDocument {
  readonly documentId: string;
  readonly soon: readonly string[];
}

/** Sends searches and holding questions to all connected libraries. */
export class LibraryPeers {
  readonly #held = new Map<string, HeldDocuments>();

  constructor(
    private readonly host: Libp2pHost,
    private readonly questions: PacedQuestions,
    private readonly onSearched: (kind: 'answered' | 'failed') => void,
  ) {}

  /** Searches all of them at once: yields the peers that are asked, then each answer as it arrives. */
  async *search(request: SearchRequest, signal: AbortSignal): AsyncGenerator<PeerAnswer> {
    const peers = await this.#speaking(SEARCH.protocol);
    yield { kind: 'asked', peerIds: peers.map(String) };
    for await (const answer of inOrderOfCompletion(peers.map((peer) => this.#searchOne(peer, request, signal)))) {
      this.onSearched(answer.kind);
      yield answer;
    }
  }

  /** Ids of the libraries that claim to hold the document. */
  async *holding(document: WantedDocument, signal: AbortSignal): AsyncGenerator<string, void> {
    const peers = await this.#speaking(HAVE.protocol);
    const answers = peers.map((peer) => this.#holds(peer.toString(), peer, document));
    for await (const { peerId, holds } of inOrderOfCompletion(answers)) {
      if (signal.aborted) return;
      if (holds) yield peerId;
    }
  }

  /** Libraries with those of the documents that they claim to hold, each library as soon as it has answered. */
  async *holdingAny(documentIds: readonly string[], signal: AbortSignal): AsyncGenerator<HeldByPeer, void> {
    const peers = await this.#speaking(HAVE.protocol);
    const answers = peers.map((peer) => this.#heldAmong(peer, documentIds, signal));
    for await (const held of inOrderOfCompletion(answers)) if (held.documentIds.length > 0) yield held;
  }

  async #searchOne(peer: PeerId, request: SearchRequest, signal: AbortSignal): Promise<OneAnswer> {
    const peerId = peer.toString();
    try {
      const question = { ...request, limit: Math.min(request.limit, MOST_HITS) };
      const { hits, total } = await this.#ask(peer, SEARCH, question, signal);
      const wanted = hits.filter((hit) => isWanted(hit, request.filters));
      return { kind: 'answered', peerId, hits: wanted.slice(0, request.limit), total };
    } catch (error) {
      return { kind: 'failed', peerId, reason: describeError(error).slice(0, 200) };
    }
  }

  /** One question for each {@link MOST_ASKED_DOCUMENTS} documents, one after the other: a peer limits the questions of each peer. */
  async #heldAmong(peer: PeerId, documentIds: readonly string[], signal: AbortSignal): Promise<HeldByPeer> {
    const found: string[] = [];
    try {
      for (let from = 0; from < documentIds.length; from += MOST_ASKED_DOCUMENTS) {
        const asked = documentIds.slice(from, from + MOST_ASKED_DOCUMENTS);
        const { held } = await this.#ask(peer, HAVE, { documentIds: asked }, signal);
        found.push(...asked.filter((_, at) => held[at] === true));
      }
    } catch {
      // The next look asks again.
    }
    return { peerId: peer.toString(), documentIds: found };
  }

  async #holds(peerId: string, peer: PeerId, { documentId, soon }: WantedDocument) {
    try {
      return { peerId, holds: await this.#heldBy(peerId, peer).isHeld(documentId, soon) };
    } catch {
      return { peerId, holds: false }; // the next look asks again
    }
  }

  #heldBy(peerId: string, peer: PeerId): HeldDocuments {
    const known = this.#held.get(peerId);
    const held =
      known ??
      new HeldDocuments(
        (ids) => this.#askHeld(peer, ids),
        MOST_ASKED_DOCUMENTS,
        () => performance.now(),
      );
    this.#held.delete(peerId); // the latest comes last
    this.#held.set(peerId, held);
    const [oldest] = this.#held.keys();
    if (this.#held.size > MOST_REMEMBERED_PEERS && oldest !== undefined) this.#held.delete(oldest);
    return held;
  }

  async #askHeld(peer: PeerId, documentIds: readonly string[]): Promise<readonly boolean[]> {
    const signal = AbortSignal.timeout(HAVE_LIMIT_MS);
    return (await this.#ask(peer, HAVE, { documentIds: [...documentIds] }, signal)).held;
  }

  #ask<Q extends z.ZodType, R extends z.ZodType>(
    peer: PeerId,
    exchange: Exchange<Q, R>,
    question: z.input<Q>,
    signal: AbortSignal,
  ): Promise<z.output<R>> {
    const open = (limit: AbortSignal) => this.host.dialProtocol(peer, exchange.protocol, { signal: limit });
    return this.questions.ask(peer.toString(), open, exchange, question, signal);
  }

  async #speaking(protocol: string): Promise<PeerId[]> {
    const known = await Promise.all(
      this.host.getPeers().map((peer) => this.host.peerStore.get(peer).catch(() => undefined)),
    );
    const speaking = known.filter((peer) => peer !== undefined).filter((peer) => peer.protocols.includes(protocol));
    return speaking.slice(0, MOST_ASKED).map(({ id }) => id);
  }
}
