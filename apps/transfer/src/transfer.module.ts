import { SettingsResponder, StoredSettings } from '@allibrary/messaging';
import { DurableStore, type Foundations, ReadModel, serviceModule } from '@allibrary/platform';
import type { DynamicModule } from '@nestjs/common';
import { Catalog } from './catalog/catalog.ts';
import { DocumentsResponder } from './catalog/documents.responder.ts';
import { composeTransfer } from './compose-transfer.ts';
import { DiskHealth } from './disk/disk-health.ts';
import { DownloadView } from './downloads/download-view.ts';
import { DownloadsConsumer } from './downloads/downloads.consumer.ts';
import { DownloadsResponder } from './downloads/downloads.responder.ts';
import { Downloads } from './downloads/downloads.ts';
import { CollectionsResponder } from './ingest/collections.responder.ts';
import { FileConsumer } from './ingest/file.consumer.ts';
import { Ingest } from './ingest/ingest.ts';
import { WatchProbe } from './ingest/watch-probe.ts';
import { Audit } from './integrity/audit.ts';
import { AuditResponder } from './integrity/audit.responder.ts';
import { NodeLimits } from './limits/node-limits.ts';
import { TrafficConsumer } from './limits/traffic/traffic.consumer.ts';
import { TrafficLedger } from './limits/traffic/traffic-ledger.ts';
import { TrafficResponder } from './limits/traffic/traffic.responder.ts';
import { type TransferConfig, transferConfig } from './transfer.config.ts';

const CONSUMERS = [FileConsumer, DownloadsConsumer, TrafficConsumer];
const RESPONDERS = [
  ...[CollectionsResponder, SettingsResponder, DocumentsResponder],
  ...[DownloadsResponder, TrafficResponder, AuditResponder],
];

async function transferModule(config: TransferConfig, foundations: Foundations): Promise<DynamicModule> {
  const transfer = await composeTransfer(config, foundations);
  return serviceModule(transfer, {
    controllers: [...CONSUMERS, ...RESPONDERS],
    providers: [
      { provide: ReadModel, useValue: transfer.model },
      { provide: DurableStore, useValue: transfer.desiredState }, // for tests, which fill both stores
      { provide: StoredSettings, useValue: transfer.storedSettings },
      { provide: Catalog, useValue: transfer.catalog },
      { provide: DiskHealth, useValue: transfer.disk },
      { provide: TrafficLedger, useValue: transfer.ledger },
      { provide: NodeLimits, useValue: transfer.limits },
      { provide: Downloads, useValue: transfer.downloads },
      { provide: DownloadView, useValue: transfer.view },
      { provide: Ingest, useValue: transfer.ingest },
      { provide: WatchProbe, useValue: transfer.probe },
      { provide: Audit, useValue: transfer.audit },
    ],
  });
}

/** Transfer: owns the library's documents, serves and downloads them. */
export const transferService = { service: 'transfer', config: transferConfig, module: transferModule };
