import { Collections } from '@allibrary/library';
import { Settings } from '@allibrary/messaging';
import { Logger, Metrics, ReadModel } from '@allibrary/platform';
import { Catalog } from '../catalog/catalog.ts';
import type { WriteCheck } from '../downloads/download-folder.ts';
import { DiskHealth } from '../disk-health.ts';
import { PeerSessions } from '../peers/peer-sessions.ts';
import { FairThrottle } from '../limits/fair-throttle.ts';
import { Outbox } from '../catalog/outbox.ts';
import { BufferPool } from '../wire/buffer-pool.ts';
import { WithheldCollections } from '../withholding/withheld-collections.ts';
import { Audit } from './audit.ts';
import { AuditWish } from './audit-wish.ts';
import { DamageStore } from './damage-store.ts';
import { DocumentDigests } from './document-digests.ts';
import { IntegrityMetrics, observeFixity } from './integrity-metrics.ts';
import { PieceRepair } from './piece-repair.ts';
import { PieceWriter } from './piece-writer.ts';
import { Repairs } from './repairs.ts';
import { ServedPieceCheck } from './served-piece-check.ts';

/** How the parts of verification, repair and audit meet. */
export const integrityProviders = (now: () => number) => [
  { provide: DocumentDigests, useFactory: (catalog: Catalog) => new DocumentDigests(catalog), inject: [Catalog] },
  { provide: AuditWish, useFactory: (settings: Settings) => AuditWish.open(settings), inject: [Settings] },
  { provide: IntegrityMetrics, useFactory: (metrics: Metrics) => new IntegrityMetrics(metrics), inject: [Metrics] },
  {
    provide: DamageStore,
    useFactory: (model: ReadModel, outbox: Outbox) => new DamageStore(model, outbox, now),
    inject: [ReadModel, Outbox],
  },
  {
    provide: PieceWriter,
    useFactory: async (
      store: DamageStore,
      catalog: Catalog,
      collections: Collections,
      withheld: WithheldCollections,
    ) => {
      const checkWritable: WriteCheck = (folder, root) => withheld.checkWritable(folder, root);
      const writer = new PieceWriter({ store, catalog, collections, checkWritable, now });
      await writer.settleBroken(); // before the first report of the watcher is read
      return writer;
    },
    inject: [DamageStore, Catalog, Collections, WithheldCollections],
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
      { repaired: onRepaired }: IntegrityMetrics,
    ) =>
      new PieceRepair({ catalog, collections, digests, store, writer, sessions, pool, throttle, logger, onRepaired }),
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
      IntegrityMetrics,
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
      { note: onLocalFailure }: DiskHealth,
    ) => new Repairs({ catalog, collections, store, outbox, writer, repair, wish, logger, onLocalFailure }),
    inject: [Catalog, Collections, DamageStore, Outbox, PieceWriter, PieceRepair, AuditWish, Logger, DiskHealth],
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
      { checked: onChecked }: IntegrityMetrics,
    ) => {
      const onDamage = () => repairs.wake();
      return new ServedPieceCheck({ digests, store, collections, wish, logger, onDamage, onChecked });
    },
    inject: [DocumentDigests, DamageStore, Collections, AuditWish, Repairs, Logger, IntegrityMetrics],
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
      { audited: onRead }: IntegrityMetrics,
      { note: onLocalFailure }: DiskHealth,
    ) => {
      observeFixity(metrics, store, wish, now);
      return new Audit({ catalog, collections, digests, store, repairs, wish, logger, now, onRead, onLocalFailure });
    },
    inject: [
      ...[Catalog, Collections, DocumentDigests, DamageStore, Repairs, AuditWish, Metrics, Logger, IntegrityMetrics],
      DiskHealth,
    ],
  },
];
