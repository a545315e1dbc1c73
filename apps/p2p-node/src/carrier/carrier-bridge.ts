import { type CarrierListener, type IncomingCall, callCarrier, listenCarrier } from '@allibrary/carrier';
import { PIECES_PROTOCOL } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import type { Logger } from '@allibrary/platform';
import type { Connection, Stream } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import type { PeerGuard } from '../gate/peer-guard.ts';
import { type Close, serveBounded } from '../protocols/bounded-handler.ts';
import { type CountBytes, splice } from './splice.ts';

/** The protocols whose streams belong to transfer; their bytes pass through here unread. */
const CARRIED = [PIECES_PROTOCOL];
/** Transfer keeps one stream to each peer; a few more may still be closing. */
const BOUNDS = { perHolder: 4, perSubnet: 64, inTotal: 256 };
/** One stream serves all downloads from a peer: it opens another only after a break. */
const RATE = { burst: 60, perMinute: 120 };
const DIAL_LIMIT_MS = 10_000;
const CALL_LIMIT_MS = 5_000;

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
        bounds: BOUNDS,
        rate: RATE,
        serve: (stream, connection) => this.#toTransfer(stream, connection),
        refuse: (stream) => stream.abort(new Error('there are too many streams')),
        onExcess: (peerId, excess) => guard.report(peerId, excess),
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
    let stream: Stream;
    try {
      const signal = AbortSignal.timeout(DIAL_LIMIT_MS);
      stream = await this.options.host.dialProtocol(peerIdFromString(header.peerId), header.protocol, { signal });
    } catch (error) {
      return refuse(`the peer can't be reached: ${describeError(error)}`);
    }
    accept();
    await splice(stream, socket, this.options.count);
  }

  async #toTransfer(stream: Stream, { remotePeer }: Connection): Promise<void> {
    const { endpoints, count } = this.options;
    const { transfer, token } = endpoints;
    stream.pause(); // until there is somebody to read
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
