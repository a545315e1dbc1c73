import type { Collections } from '@allibrary/library';
import type { Settings } from '@allibrary/messaging';
import type { Foundations, ReadModel } from '@allibrary/platform';
import type { Catalog } from '../catalog/catalog.ts';
import type { Outbox } from '../catalog/outbox.ts';
import type { DiskHealth } from '../disk/disk-health.ts';
import type { FairThrottle } from '../limits/fair-throttle.ts';
import type { PeerSessions } from '../peers/peer-sessions.ts';
import type { BufferPool } from '../wire/buffer-pool.ts';
import type { WithheldCollections } from '../withholding/withheld-collections.ts';
import { Audit } from './audit.ts';
import { AuditWish } from './audit-wish.ts';
import { DamageStore } from './damage-store.ts';
import { DocumentDigests } from './document-digests.ts';
import { IntegrityMetrics, observeFixity } from './integrity-metrics.ts';
import { PieceRepair } from './piece-repair.ts';
import { PieceWriter } from './piece-writer.ts';
import { Repairs } from './repairs.ts';
import { ServedPieceCheck } from './served-piece-check.ts';

/** What of the catalog and the disk is verified. */
export interface VerifiedLibrary {
  readonly model: ReadModel;
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly collections: Collections;
  readonly withheld: WithheldCollections;
  readonly disk: DiskHealth;
}

/** How right pieces are fetched from peers. */
export interface RepairSources {
  readonly sessions: PeerSessions;
  readonly pool: BufferPool;
  readonly throttle: FairThrottle;
}

/** Builds verification, repair and audit; nothing runs before they are started. */
export async function composeIntegrity(
  library: VerifiedLibrary,
  sources: RepairSources,
  settings: Settings,
  { logger, metrics }: Foundations,
  now: () => number,
) {
  const { catalog, outbox, collections, withheld, disk } = library;
  const digests = new DocumentDigests(catalog);
  const wish = await AuditWish.open(settings);
  const counters = new IntegrityMetrics(metrics);
  const store = new DamageStore(library.model, outbox, now);
  observeFixity(metrics, store, wish, now);
  const writer = new PieceWriter({
    ...{ store, catalog, collections, now },
    checkWritable: (folder, root) => withheld.checkWritable(folder, root),
  });
  await writer.settleBroken(); // before the first report of the watcher is read

  const shared = { catalog, collections, digests, store, logger };
  const repair = new PieceRepair({ ...shared, ...sources, writer, onRepaired: counters.repaired });
  const onLocalFailure = disk.note;
  const repairs = new Repairs({ ...shared, outbox, writer, repair, wish, onLocalFailure });
  const servedPieces = new ServedPieceCheck({
    ...shared,
    wish,
    onDamage: () => repairs.wake(),
    onChecked: counters.checked,
  });
  const audit = new Audit({ ...shared, repairs, wish, now, onRead: counters.audited, onLocalFailure });
  return { repairs, servedPieces, audit };
}
