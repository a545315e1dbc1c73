import type { PeerAnswer, SearchRequest } from '@allibrary/contracts';
import { isWanted } from './wanted-hits.ts';
import { describeError } from '@allibrary/messaging';
import type { PeerId } from '@libp2p/interface';
import type { z } from 'zod';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import { inOrderOfCompletion } from './in-order-of-completion.ts';
import { type Exchange, ask } from '../protocols/exchange.ts';
import { HAVE, MOST_HITS, SEARCH } from '../protocols/library-protocols.ts';

const MOST_ASKED = 50;

type OneAnswer = Exclude<PeerAnswer, { kind: 'asked' }>;

/** Sends searches and holding questions to all connected libraries. */
export class LibraryPeers {
  constructor(
    private readonly host: Libp2pHost,
    private readonly onSearched: (kind: 'answered' | 'failed') => void,
  ) {}

  /** Searches all of them at once: first how many are asked, then each answer as it comes. */
  async *search(request: SearchRequest, signal: AbortSignal): AsyncGenerator<PeerAnswer> {
    const peers = await this.#speaking(SEARCH.protocol);
    yield { kind: 'asked', peers: peers.length };
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

  async #searchOne(peer: PeerId, request: SearchRequest, signal: AbortSignal): Promise<OneAnswer> {
    const peerId = peer.toString();
    try {
      const question = { ...request, limit: Math.min(request.limit, MOST_HITS) };
      const { hits } = await this.#ask(peer, SEARCH, question, signal);
      const wanted = hits.filter((hit) => isWanted(hit, request.filters));
      return { kind: 'answered', peerId, hits: wanted.slice(0, request.limit) };
    } catch (error) {
      return { kind: 'failed', peerId, reason: describeError(error).slice(0, 200) };
    }
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
