import { randomUUID } from 'node:crypto';
import type { CarrierListener } from '@allibrary/carrier';
import { CatalogOpened, MOST_SOON } from '@allibrary/contracts';
import { Collections } from '@allibrary/library';
import { LegacySettings, Settings } from '@allibrary/messaging';
import type { DurableStore, Foundations } from '@allibrary/platform';
import { Catalog } from './catalog/catalog.ts';
import { Outbox } from './catalog/outbox.ts';
import { Revisions, openRevisionStore } from './catalog/revisions.ts';
import { ServedFiles } from './catalog/served-files.ts';
import { openTransferReadModel } from './catalog/transfer-read-model.ts';
import { Visibility } from './catalog/visibility.ts';
import { closeInTurn } from './close-in-turn.ts';
import { DiskHealth } from './disk/disk-health.ts';
import { observeDisks } from './disk/disk-metrics.ts';
import { composeDownloads } from './downloads/compose-downloads.ts';
import { DownloadStore } from './downloads/download-store.ts';
import { DownloadFolder } from './downloads/place/download-folder.ts';
import { FetchReports } from './fetching/fetched-pieces.ts';
import { FileHasher } from './ingest/file-hasher.ts';
import { Ingest } from './ingest/ingest.ts';
import { IngestMetrics } from './ingest/ingest-metrics.ts';
import { WatchProbe } from './ingest/watch-probe.ts';
import { composeIntegrity } from './integrity/compose-integrity.ts';
import { composeLimits } from './limits/compose-limits.ts';
import { findSources, openPeerStream } from './peers/peer-carrier.ts';
import { PeerSessions } from './peers/peer-sessions.ts';
import { openCarrierPort } from './serving/carrier-port.ts';
import { OfferedDocuments } from './serving/offered-documents.ts';
import { PartialDocuments } from './serving/partial-documents.ts';
import { PartialNotices } from './serving/partial-notices.ts';
import { ServingReports } from './serving/serving-reports.ts';
import { SharedDocuments } from './serving/shared-documents.ts';
import { openDesiredState } from './settings/desired-state.ts';
import { openSettings } from './settings/open-settings.ts';
import type { TransferConfig } from './transfer.config.ts';
import { BufferPool } from './wire/buffer-pool.ts';
import { openCollectionRoots } from './withholding/collection-roots.ts';
import { WithheldCollections } from './withholding/withheld-collections.ts';

/** Builds transfer: what its consumers and responders call, and its lifetime. Nothing runs before it is started. */
export async function composeTransfer(config: TransferConfig, foundations: Foundations) {
  const { bus, logger, health, metrics } = foundations;
  const life = {
    replica: randomUUID(),
    /** The wall clock: for what people see, and for rules of the calendar. */
    now: () => Date.now(),
    /** The steady clock, which nobody sets: for durations. */
    clock: () => performance.now(),
  };
  const { now, clock } = life;

  const desiredState = openNamedDesiredState(config, foundations);
  const storedSettings = await openSettings(desiredState, config, new LegacySettings(bus), logger);
  const settings = new Settings(bus, storedSettings);
  const collections = await Collections.open(settings, config);

  const model = openTransferReadModel(config.dataDir);
  const outbox = new Outbox(model, bus, logger);
  const revisionStore = openRevisionStore(config.dataDir);
  const catalog = new Catalog(model, outbox, new Revisions(model, revisionStore, now), now);

  const roots = openCollectionRoots(config.dataDir);
  const withheld = new WithheldCollections({ collections, roots, bus, logger });
  const visibility = new Visibility(collections, withheld, catalog, outbox, logger);
  const disk = new DiskHealth(config.dataDir, () => collections.forDownloads?.collection.folder, clock);

  const { throttle, ledger, traffic, limits } = composeLimits(model, settings, foundations, life);
  const pool = new BufferPool();
  const store = new DownloadStore(model);
  // Peers are found and reached by p2p-node, over its carrier. Another carrier would change this alone.
  const sessions = new PeerSessions({
    findSources: (documentId, signal) => findSources(bus, documentId, store.nextDocuments(MOST_SOON), signal),
    openStream: (peerId, onBytes, signal) =>
      openPeerStream({ ...config.peerCarrier, token: config.carrierToken }, peerId, onBytes, signal),
    pool,
    onReceived: (bytes) => traffic.count('received', bytes),
  });
  const { repairs, servedPieces, audit } = await composeIntegrity(
    { model, catalog, outbox, collections, withheld, disk },
    { sessions, pool, throttle },
    settings,
    foundations,
    now,
  );

  const files = new ServedFiles(model);
  const documents = new SharedDocuments(files, collections, servedPieces);
  const folder = new DownloadFolder(collections, withheld);
  const partials = new PartialDocuments(() => folder.isPublic);
  const notices = new PartialNotices(partials, bus);
  const offered = new OfferedDocuments({ catalog, files, documents, partials, pool, throttle });

  const observer = new FetchReports(metrics, bus);
  const fetchTools = { sessions, manifests: catalog, partials, pool, throttle, observer, logger };
  const { downloads, queue, view, reports } = composeDownloads(
    { store, desiredState, catalog, outbox, folder, disk },
    { bus, metrics, limits, fetchTools },
    life,
  );

  const hasher = new FileHasher(config.hashThreads);
  const ingest = new Ingest({
    ...{ collections, hasher, catalog, outbox, logger },
    metrics: new IngestMetrics(metrics, catalog),
  });
  const probe = new WatchProbe(collections, (path, root) => withheld.checkWritable(path, root));

  const servingReports = new ServingReports(metrics, bus);
  let port: CarrierListener | undefined;
  let stopFollowing = () => {};
  return {
    ...{ model, desiredState, storedSettings, catalog, disk, ledger, limits, downloads, view, ingest, probe, audit },

    async start(): Promise<void> {
      await limits.open(); // before the first byte flows
      visibility.start();
      withheld.start();
      const { carrier, carrierToken: token } = config;
      const content = { catalog, documents, offered, pool, traffic, reports: servingReports };
      port = await openCarrierPort({ ...carrier, token }, content, logger);
      health.addCheck('settings', () => storedSettings.problem());
      health.addCheck('carrier', () => (port ? null : 'the carrier port is not open'));
      health.addCheck('disk', () => disk.problem());
      outbox.publishSoon(); // what an earlier run could not publish
      stopFollowing = bus.onGap(() => outbox.publishSoon());
      bus.signal(CatalogOpened, {});
      queue.open();
      notices.start();
      repairs.start();
      audit.start();
      observeDisks(metrics, { library: config.libraryDir, data: config.dataDir });
    },

    /** Ends all work, then closes the stores; no event and no request may come any more. */
    async close(): Promise<void> {
      stopFollowing();
      await closeInTurn([
        { queue, audit, repairs },
        { reports, notices }, // only now: a download that stops is reported
        { sessions, hasher, collections, port: { close: () => port?.close() } },
        { withheld },
        { visibility },
        { roots, documents },
        { limits },
        { outbox },
        { revisionStore, model, desiredState },
      ]);
    },
  };
}

/** Opens the desired state; a file that was damaged is reported until somebody moves it away. */
function openNamedDesiredState({ dataDir }: TransferConfig, { logger, health }: Foundations): DurableStore {
  const store = openDesiredState(dataDir);
  const { damagedFile } = store;
  if (damagedFile !== null) {
    const remedy = 'Downloads were restored from the read model and the bus: compare the list of downloads.';
    logger.error({ damagedFile, remedy }, 'desired state damaged, set aside');
    health.addNotice('desired-state', () => `It was damaged and is kept as ${damagedFile}. ${remedy}`);
  }
  return store;
}
