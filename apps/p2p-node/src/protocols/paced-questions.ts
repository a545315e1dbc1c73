import type { Stream } from '@libp2p/interface';
import type { z } from 'zod';
import { type Exchange, RefusedByPeer, ask } from './exchange.ts';
import { PeerPacer } from './peer-pacer.ts';
import { clientShareOf } from './protocol-limits.ts';

/** Opens a stream of the protocol to the peer. */
export type OpenStream = (signal: AbortSignal) => Promise<Stream>;

/** Asks peers questions, never faster than their limits allow: a question waits until it is within them. */
export class PacedQuestions {
  readonly #pacers = new Map<string, PeerPacer>();

  constructor(
    private readonly now: () => number,
    /** Called when a peer refuses to answer although this node kept within the limits. */
    private readonly onRefused: (peerId: string, protocol: string, reason: string) => void = () => {},
  ) {}

  /** Sends the question when it is its turn, and returns the answer; the signal also ends the wait. */
  async ask<Q extends z.ZodType, R extends z.ZodType>(
    peerId: string,
    open: OpenStream,
    exchange: Exchange<Q, R>,
    question: z.input<Q>,
    signal: AbortSignal,
  ): Promise<z.output<R>> {
    const pacer = this.#pacerOf(exchange);
    const release = await pacer.take(peerId, signal);
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(exchange.timeoutMs)]);
      const stream = await open(limit);
      whenGone(stream, release); // the server counts the stream until then
      return await ask(stream, exchange, question, limit);
    } catch (error) {
      release(); // does nothing for a stream that is gone already
      if (error instanceof RefusedByPeer) {
        pacer.pause(peerId, error.retryAfterMs);
        this.onRefused(peerId, exchange.protocol, error.message);
      }
      throw error;
    }
  }

  #pacerOf({ protocol, limits }: Pick<Exchange<z.ZodType, z.ZodType>, 'protocol' | 'limits'>): PeerPacer {
    const pacer = this.#pacers.get(protocol) ?? new PeerPacer(clientShareOf(limits), this.now);
    this.#pacers.set(protocol, pacer);
    return pacer;
  }
}

function whenGone(stream: Stream, release: () => void): void {
  if (stream.status === 'open' || stream.status === 'closing') stream.addEventListener('close', release);
  else release();
}
