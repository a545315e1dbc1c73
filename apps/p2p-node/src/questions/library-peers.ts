import type { PeerAnswer, SearchRequest } from '@allibrary/contracts';
import { isWanted } from './wanted-hits.ts';
import { describeError } from '@allibrary/messaging';
import type { PeerId } from '@libp2p/interface';
import type { z } from 'zod';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import { inOrderOfCompletion } from './in-order-of-completion.ts';
import { type Exchange, ask } from '../protocols/exchange.ts';
import { HAVE, MOST_ASKED_DOCUMENTS, MOST_HITS, SEARCH } from '../protocols/library-protocols.ts';

const MOST_ASKED = 50;

/** A library and documents that it claims to hold. */
export interface HeldByPeer {
  readonly peerId: string;
  readonly documentIds: string[];
}

type OneAnswer = Exclude<PeerAnswer, { kind: 'asked' }>;

/** Sends searches and holding questions to all connected libraries. */
export class LibraryPeers {
  constructor(
    private readonly host: Libp2pHost,
    private readonly onSearched: (kind: 'answered' | 'failed') => void,
  ) {}

  /** Searches all of them at once: first who is asked, then each answer as it comes. */
  async *search(request: SearchRequest, signal: AbortSignal): AsyncGenerator<PeerAnswer> {
    const peers = await this.#speaking(SEARCH.protocol);
    yield { kind: 'asked', peerIds: peers.map(String) };
    for await (const answer of inOrderOfCompletion(peers.map((peer) => this.#searchOne(peer, request, signal)))) {
      this.onSearched(answer.kind);
      yield answer;
    }
  }

  /** Ids of the libraries that claim to hold the document. */
  async *holding(documentId: string, signal: AbortSignal): AsyncGenerator<string, void> {
    const peers = await this.#speaking(HAVE.protocol);
    const answers = peers.map((peer) => this.#holds(peer, documentId, signal));
    for await (const { peerId, holds } of inOrderOfCompletion(answers)) if (holds) yield peerId;
  }

  /** Libraries with those of the documents that they claim to hold, each library as soon as it has answered. */
  async *holdingAny(documentIds: readonly string[], signal: AbortSignal): AsyncGenerator<HeldByPeer, void> {
    const peers = await this.#speaking(HAVE.protocol);
    const answers = peers.map((peer) => this.#heldBy(peer, documentIds, signal));
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
  async #heldBy(peer: PeerId, documentIds: readonly string[], signal: AbortSignal): Promise<HeldByPeer> {
    const found: string[] = [];
    try {
      for (let from = 0; from < documentIds.length; from += MOST_ASKED_DOCUMENTS) {
        const asked = documentIds.slice(from, from + MOST_ASKED_DOCUMENTS);
        const { held } = await this.#ask(peer, HAVE, { documentIds: asked }, signal);
        found.push(...asked.filter((_, at) => held[at] === true));
      }
    } catch {
      // It is asked again at the next look.
    }
    return { peerId: peer.toString(), documentIds: found };
  }

  async #holds(peer: PeerId, documentId: string, signal: AbortSignal): Promise<{ peerId: string; holds: boolean }> {
    const peerId = peer.toString();
    try {
      const { held } = await this.#ask(peer, HAVE, { documentIds: [documentId] }, signal);
      return { peerId, holds: held[0] === true };
    } catch {
      return { peerId, holds: false }; // it is asked again at the next look
    }
  }

  async #ask<Q extends z.ZodType, R extends z.ZodType>(
    peer: PeerId,
    exchange: Exchange<Q, R>,
    question: z.input<Q>,
    signal: AbortSignal,
  ): Promise<z.output<R>> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(exchange.timeoutMs)]);
    const stream = await this.host.dialProtocol(peer, exchange.protocol, { signal: limit });
    return ask(stream, exchange, question, limit);
  }

  async #speaking(protocol: string): Promise<PeerId[]> {
    const known = await Promise.all(
      this.host.getPeers().map((peer) => this.host.peerStore.get(peer).catch(() => undefined)),
    );
    const speaking = known.filter((peer) => peer !== undefined).filter((peer) => peer.protocols.includes(protocol));
    return speaking.slice(0, MOST_ASKED).map(({ id }) => id);
  }
}
