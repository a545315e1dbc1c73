/** A peer that sends a node the same small question repeatedly, and records how long each answer takes. */
import { setTimeout as delay } from 'node:timers/promises';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { identify } from '@libp2p/identify';
import type { Libp2p } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { lpStream } from '@libp2p/utils';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';

const HAVE = '/allibrary/have/1.0.0';
const QUESTION = { documentIds: ['bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'] };
const ANSWER_LIMIT_MS = 5_000;
/** Well below the rate limit of a peer. */
const REST_MS = 250;

/** Asks until it is stopped. */
export class HonestProber {
  readonly tookMs: number[] = [];
  readonly failures: unknown[] = [];
  readonly #host: Libp2p;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(host: Libp2p) {
    this.#host = host;
  }

  /** Starts to ask the node at an address. */
  static async start(address: string): Promise<HonestProber> {
    const host = await createLibp2p({
      addresses: { listen: [] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionGater: { denyDialMultiaddr: () => false },
      services: { identify: identify() },
    });
    const prober = new HonestProber(host);
    prober.#running = prober.#askOn(address);
    return prober;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    await this.#host.stop();
  }

  /** The time within which 99 of 100 answers came. */
  get p99Ms(): number {
    return this.tookMs.toSorted((a, b) => a - b)[Math.floor(this.tookMs.length * 0.99)] ?? Number.NaN;
  }

  async #askOn(address: string): Promise<void> {
    while (!this.#isStopped) {
      const from = performance.now();
      try {
        await this.#ask(address);
        this.tookMs.push(performance.now() - from);
      } catch (error) {
        this.failures.push(error);
      }
      await delay(REST_MS);
    }
  }

  async #ask(address: string): Promise<void> {
    const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
    const stream = await this.#host.dialProtocol(multiaddr(address), HAVE, { signal });
    const frames = lpStream(stream);
    await frames.write(new TextEncoder().encode(JSON.stringify(QUESTION)), { signal });
    const answer = JSON.parse(new TextDecoder().decode((await frames.read({ signal })).subarray())) as {
      held?: boolean[];
    };
    await stream.close({ signal });
    if (answer.held?.length !== 1) throw new Error(`answered ${JSON.stringify(answer)}`);
  }
}
