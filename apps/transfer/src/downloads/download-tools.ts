import type { Logger } from '@allibrary/platform';
import type { Catalog } from '../catalog/catalog.ts';
import type { DownloadFolder } from './download-folder.ts';
import type { Outbox } from '../catalog/outbox.ts';
import type { BufferPool } from '../wire/buffer-pool.ts';
import type { PartialDocuments } from '../serving/partial-documents.ts';
import type { Throttle } from '../limits/throttle.ts';
import type { DownloadOrders } from './download-orders.ts';
import type { DownloadStore } from './download-store.ts';
import type { FetchedPiece } from '../fetching/fetched-pieces.ts';
import type { PeerSessions } from '../peers/peer-sessions.ts';

/** What every download needs of the service. */
export interface DownloadTools {
  readonly folder: DownloadFolder;
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly store: DownloadStore;
  readonly orders: DownloadOrders;
  readonly sessions: PeerSessions;
  readonly pool: BufferPool;
  readonly partials: PartialDocuments;
  readonly throttle: Throttle;
  readonly logger: Logger;
  /** The wall clock: for what people see. */
  readonly now: () => number;
  /** A clock that nobody sets, for what lasts. */
  readonly clock: () => number;
  /** Called with each error of this node's own disk. */
  readonly onLocalFailure: (error: unknown) => void;
  /** Is told what became of a piece that a peer sent. */
  readonly onPiece: (result: FetchedPiece) => void;
  /** Is told of a peer that sent what no honest peer sends. */
  readonly onOffence: (peerId: string) => void;
}
