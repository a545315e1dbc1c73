import { type CarrierListener, type IncomingCall, callCarrier, listenCarrier } from '@allibrary/carrier';
import { PIECES_PROTOCOL } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Connection, Stream } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import type { PeerGuard } from '../gate/peer-guard.ts';
import { type Close, serveBounded } from '../protocols/bounded-handler.ts';
import { PeerPacer } from '../protocols/peer-pacer.ts';
import { PIECES_LIMITS, clientShareOf } from '../protocols/protocol-limits.ts';
import { type CountBytes, splice } from './splice.ts';

/** The protocols whose streams belong to transfer; their bytes pass through here unread. */
const CARRIED = [PIECES_PROTOCOL];
const DIAL_LIMIT_MS = 10_000;
const CALL_LIMIT_MS = 5_000;

type PeerHeader = Extract<IncomingCall['header'], { kind: 'peer' }>;

/** The two ends of the internal byte stream. */
export interface CarrierEndpoints {
  readonly listen: { readonly host: string; readonly port: number };
  readonly transfer: { readonly host: string; readonly port: number };
  readonly token: string;
}

/** What a bridge joins. */
export interface CarrierBridgeOptions {
  readonly host: Libp2pHost;
  readonly guard: PeerGuard;
  readonly endpoints: CarrierEndpoints;
  readonly count: CountBytes;
  readonly logger: Logger;
}

/** Joins transfer's byte-streams to streams with peers, in both directions. */
export class CarrierBridge {
  readonly #unhandle: Close[] = [];
  readonly #pacer = new PeerPacer(clientShareOf(PIECES_LIMITS), () => performance.now());
  #listener: CarrierListener | undefined;

  constructor(private readonly options: CarrierBridgeOptions) {}

  /** Opens the way from transfer to peers, and from peers to transfer. */
  async open(): Promise<void> {
    const { host, guard, endpoints, logger } = this.options;
    this.#listener = await listenCarrier({
      ...endpoints.listen,
      token: endpoints.token,
      onCall: (call) => this.#toPeer(call),
      onFailure: (error) => logger.warn({ error: describeError(error) }, 'invalid call from another service'),
    });
    for (const protocol of CARRIED) {
      const unhandle = await serveBounded(host, {
        protocol,
        limits: PIECES_LIMITS,
        serve: (stream, connection) => this.#toTransfer(stream, connection),
        refuse: (stream) => stream.abort(new Error('too many streams')),
        onExcess: guard.report,
        onRefused: guard.countRefusedStream,
        onFailure: this.#onFailure,
      });
      this.#unhandle.push(unhandle);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#unhandle.map((unhandle) => unhandle()));
    await this.#listener?.close();
  }

  async #toPeer({ header, stream: socket, accept, refuse }: IncomingCall): Promise<void> {
    if (header.kind !== 'peer' || !CARRIED.includes(header.protocol))
      return refuse('only streams to peers are carried here');
    const signal = AbortSignal.timeout(DIAL_LIMIT_MS);
    const release = await this.#pacer.take(header.peerId, signal).catch(() => undefined);
    if (!release) return refuse('no stream to the peer was free in time: this node has reached the limits of the peer');
    try {
      const stream = await this.#open(header, signal).catch((error: unknown) => refuse(describeError(error)));
      if (!stream) return;
      accept();
      await splice(stream, socket, this.options.count);
    } finally {
      release();
    }
  }

  async #open({ peerId, protocol }: PeerHeader, signal: AbortSignal): Promise<Stream> {
    const { host, guard } = this.options;
    const ban = guard.bans.of(peerId);
    if (ban)
      throw new Error(`the peer has banned this node until ${new Date(ban.untilMs).toISOString()}: ${ban.reason}`);
    try {
      return await host.dialProtocol(peerIdFromString(peerId), protocol, { signal });
    } catch (cause) {
      throw new Error(`the peer can't be reached: ${describeError(cause)}`, { cause });
    }
  }

  async #toTransfer(stream: Stream, { remotePeer }: Connection): Promise<void> {
    const { endpoints, count } = this.options;
    const { transfer, token } = endpoints;
    stream.pause(); // until transfer reads
    const header = { kind: 'peer', peerId: remotePeer.toString(), protocol: stream.protocol } as const;
    try {
      const socket = await callCarrier({ ...transfer, token, header, timeoutMs: CALL_LIMIT_MS });
      await splice(stream, socket, count);
    } catch (error) {
      stream.abort(error as Error);
      throw error;
    }
  }

  readonly #onFailure = (peerId: string, error: unknown): void =>
    this.options.logger.warn({ peerId, error: describeError(error) }, 'stream of a peer not connected to transfer');
}
