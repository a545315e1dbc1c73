import { Collections } from '@allibrary/library';
import { Settings } from '@allibrary/messaging';
import { Logger, Metrics, ReadModel } from '@allibrary/platform';
import { Catalog } from '../catalog.ts';
import { PeerSessions } from '../downloads/peer-sessions.ts';
import { FairThrottle } from '../limits/fair-throttle.ts';
import { Outbox } from '../outbox.ts';
import { BufferPool } from '../pieces/buffer-pool.ts';
import { Audit } from './audit.ts';
import { AuditWish } from './audit-wish.ts';
import { DamageStore } from './damage-store.ts';
import { DocumentDigests } from './document-digests.ts';
import { observeIntegrity } from './integrity-metrics.ts';
import { PieceRepair } from './piece-repair.ts';
import { PieceWriter } from './piece-writer.ts';
import { Repairs } from './repairs.ts';
import { ServedPieceCheck } from './served-piece-check.ts';

/** How the parts of verification, repair and audit meet. */
export const integrityProviders = (now: () => number) => [
  { provide: DocumentDigests, useFactory: (catalog: Catalog) => new DocumentDigests(catalog), inject: [Catalog] },
  { provide: AuditWish, useFactory: (settings: Settings) => AuditWish.open(settings), inject: [Settings] },
  {
    provide: DamageStore,
    useFactory: (model: ReadModel, outbox: Outbox) => new DamageStore(model, outbox, now),
    inject: [ReadModel, Outbox],
  },
  {
    provide: PieceWriter,
    useFactory: async (store: DamageStore, catalog: Catalog, collections: Collections) => {
      const writer = new PieceWriter(store, catalog, collections, now);
      await writer.settleBroken(); // before the first report of the watcher is read
      return writer;
    },
    inject: [DamageStore, Catalog, Collections],
  },
  {
    provide: PieceRepair,
    useFactory: (
      catalog: Catalog,
      collections: Collections,
      digests: DocumentDigests,
      store: DamageStore,
      writer: PieceWriter,
      sessions: PeerSessions,
      pool: BufferPool,
      throttle: FairThrottle,
      logger: Logger,
    ) => new PieceRepair({ catalog, collections, digests, store, writer, sessions, pool, throttle, logger }),
    inject: [
      Catalog,
      Collections,
      DocumentDigests,
      DamageStore,
      PieceWriter,
      PeerSessions,
      BufferPool,
      FairThrottle,
      Logger,
    ],
  },
  {
    provide: Repairs,
    useFactory: (
      catalog: Catalog,
      collections: Collections,
      store: DamageStore,
      outbox: Outbox,
      writer: PieceWriter,
      repair: PieceRepair,
      wish: AuditWish,
      logger: Logger,
    ) => new Repairs({ catalog, collections, store, outbox, writer, repair, wish, logger }),
    inject: [Catalog, Collections, DamageStore, Outbox, PieceWriter, PieceRepair, AuditWish, Logger],
  },
  {
    provide: ServedPieceCheck,
    useFactory: (
      digests: DocumentDigests,
      store: DamageStore,
      collections: Collections,
      wish: AuditWish,
      repairs: Repairs,
      logger: Logger,
    ) => new ServedPieceCheck({ digests, store, collections, wish, logger, onDamage: () => repairs.wake() }),
    inject: [DocumentDigests, DamageStore, Collections, AuditWish, Repairs, Logger],
  },
  {
    provide: Audit,
    useFactory: (
      catalog: Catalog,
      collections: Collections,
      digests: DocumentDigests,
      store: DamageStore,
      repairs: Repairs,
      wish: AuditWish,
      metrics: Metrics,
      logger: Logger,
    ) => {
      const onRead = observeIntegrity(metrics, store);
      return new Audit({ catalog, collections, digests, store, repairs, wish, logger, now, onRead });
    },
    inject: [Catalog, Collections, DocumentDigests, DamageStore, Repairs, AuditWish, Metrics, Logger],
  },
];
