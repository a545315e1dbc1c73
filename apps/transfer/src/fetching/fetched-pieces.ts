import { type Data, PeerOffended } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';
import type { Metrics } from '@allibrary/platform';

const FETCHED = ['right', 'wrong', 'spare'] as const;

/** What a piece that a peer sent turned out to be: `spare` is one that another peer had brought before. */
export type FetchedPiece = (typeof FETCHED)[number];

/** What no honest peer does. */
export type PeerMisbehaviour = Data<typeof PeerOffended>['kind'];

/** Follows what peers send for downloads. */
export interface FetchObserver {
  pieceReceived(piece: FetchedPiece): void;
  /** A peer sent what no honest peer sends. */
  peerMisbehaved(peerId: string, kind: PeerMisbehaviour): void;
}

/** Counts the pieces that peers send, and reports misbehaviour to p2p-node, which keeps the peers' scores. */
export class FetchReports implements FetchObserver {
  readonly #pieces: ReturnType<Metrics['counter']>;

  constructor(
    metrics: Metrics,
    private readonly bus: Pick<Bus, 'signal'>,
  ) {
    this.#pieces = metrics.counter({
      name: 'allibrary_fetched_pieces_total',
      help: 'Pieces that peers sent for downloads, by what came of the verification; spare ones had come from others before.',
      labelNames: ['result'],
    });
    for (const result of FETCHED) this.#pieces.inc({ result }, 0);
  }

  pieceReceived(result: FetchedPiece): void {
    this.#pieces.inc({ result });
  }

  peerMisbehaved(peerId: string, kind: PeerMisbehaviour): void {
    this.bus.signal(PeerOffended, { peerId, kind });
  }
}
