import type { Collections } from '@allibrary/library';
import type { Settings } from '@allibrary/messaging';
import type { Foundations, ReadModel } from '@allibrary/platform';
import type { Catalog } from '../catalog/catalog.ts';
import type { Outbox } from '../catalog/outbox.ts';
import type { DiskHealth } from '../disk/disk-health.ts';
import type { WithheldCollections } from '../withholding/withheld-collections.ts';
import { Audit } from './audit.ts';
import { AuditReader } from './audit-reader.ts';
import { CurrentAuditSettings } from './current-audit-settings.ts';
import { DamageStore } from './damage-store.ts';
import { DocumentDigests } from './document-digests.ts';
import { IntegrityMetrics, observeFixity } from './integrity-metrics.ts';
import { PieceRepair, type RepairSources } from './repair/piece-repair.ts';
import { PieceWriter } from './repair/piece-writer.ts';
import { Repairs } from './repair/repairs.ts';
import { ServedPieceCheck } from './served-piece-check.ts';

/** The library whose files are verified. */
export interface VerifiedLibrary {
  readonly model: ReadModel;
  readonly catalog: Catalog;
  readonly outbox: Outbox;
  readonly collections: Collections;
  readonly withheld: WithheldCollections;
  readonly disk: DiskHealth;
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
  const auditSettings = await CurrentAuditSettings.open(settings);
  const counters = new IntegrityMetrics(metrics);
  const store = new DamageStore(library.model, outbox, now);
  observeFixity(metrics, store, auditSettings, now);
  const writer = new PieceWriter({
    ...{ store, catalog, collections, now },
    checkWritable: (folder, root) => withheld.checkWritable(folder, root),
  });
  await writer.settleBroken(); // before the first report of the watcher is read

  const shared = { catalog, collections, store, logger };
  const repair = new PieceRepair({ ...shared, digests, writer, onRepaired: counters.repaired }, sources);
  const repairs = new Repairs({ ...shared, outbox, writer, repair }, auditSettings, disk);
  withheld.onChange(() => repairs.wake()); // until a folder has been looked at, its documents are not public and no peer is asked
  const servedPieces = new ServedPieceCheck({
    ...{ digests, store, collections, logger, settings: auditSettings },
    onDamage: () => repairs.wake(),
    onChecked: counters.checked,
  });
  const reader = new AuditReader(digests, auditSettings, counters.audited);
  const audit = new Audit({ ...shared, reader, repairs, settings: auditSettings }, disk, now);
  return { repairs, servedPieces, audit };
}
