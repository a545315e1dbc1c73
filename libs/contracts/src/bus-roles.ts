import {
  CollectionChanged,
  ConfirmDeletions,
  ExplainFile,
  ListCollections,
  ProbeCollection,
  ScanCollection,
} from './collections.ts';
import type { EventContract, RequestContract, RequestManyContract, SignalContract } from './contract.ts';
import {
  CommandDownloads,
  DownloadEnded,
  DownloadRequested,
  DownloadSteered,
  DownloadsProgressed,
  GetDownload,
  GetRates,
  ListDownloads,
  StartDownload,
  StartDownloads,
} from './downloads.ts';
import { DocumentDamaged, DocumentRepaired, GetAuditReport, GetFixity, StartAudit } from './integrity.ts';
import {
  CatalogOpened,
  DocumentAdded,
  DocumentIndexed,
  DocumentRemoved,
  FileFound,
  FileLost,
  FindHeldDocuments,
  GetCatalogStatus,
  GetDocument,
  GetFile,
  ListDocuments,
  ListFiles,
  ListRevisions,
} from './library.ts';
import { GetTraffic, TrafficCounted, TransferDemand } from './limits.ts';
import {
  ConnectPeer,
  FindSources,
  GetNetworkStatus,
  ListPeers,
  ListSources,
  NetworkChanged,
  PartialDocumentsOffered,
  PeerOffended,
} from './network.ts';
import { DisconnectPeer } from './peers.ts';
import { CountIndexed, GetCover, GetReport, SearchLibrary, SearchPeers } from './search.ts';
import { CheckSettings, ReadSettings, SettingsChanged, WriteSettings } from './settings.ts';

/** The services that take part in the bus. */
export const BUS_SERVICES = ['transfer', 'p2p-node', 'indexer', 'watcher', 'gateway'] as const;
export type BusService = (typeof BUS_SERVICES)[number];

/** Messages that one service may send and receive. Its NATS user has no other permissions. */
export interface BusRole {
  /** Events that it publishes. */
  readonly publishes: readonly EventContract[];
  /** Events that it handles at least once, by a durable consumer. */
  readonly consumes: readonly EventContract[];
  readonly signals: readonly SignalContract[];
  /** Events and signals that it follows only while it runs. */
  readonly watches: readonly (EventContract | SignalContract)[];
  readonly requests: readonly (RequestContract | RequestManyContract)[];
  readonly answers: readonly (RequestContract | RequestManyContract)[];
}

/** Roles of all services; a test compares this table with the sources of the services. */
export const BUS_ROLES: Readonly<Record<BusService, BusRole>> = {
  transfer: {
    publishes: [
      DocumentAdded,
      DocumentRemoved,
      DocumentDamaged,
      DocumentRepaired,
      DownloadRequested,
      DownloadSteered,
      DownloadEnded,
      TrafficCounted,
    ],
    consumes: [FileFound, FileLost, DocumentAdded, DownloadRequested, DownloadSteered, DownloadEnded, TrafficCounted],
    signals: [
      CatalogOpened,
      DownloadsProgressed,
      PartialDocumentsOffered,
      PeerOffended,
      SettingsChanged,
      TransferDemand,
    ],
    watches: [CollectionChanged, SettingsChanged, TransferDemand],
    requests: [ListCollections, FindSources],
    answers: [
      ReadSettings,
      WriteSettings,
      CheckSettings,
      ListDocuments,
      ListRevisions,
      GetDocument,
      FindHeldDocuments,
      GetCatalogStatus,
      ListFiles,
      GetFile,
      ProbeCollection,
      StartDownload,
      StartDownloads,
      ListDownloads,
      GetDownload,
      CommandDownloads,
      GetRates,
      GetTraffic,
      GetAuditReport,
      GetFixity,
      StartAudit,
    ],
  },
  'p2p-node': {
    publishes: [],
    consumes: [DocumentAdded, DocumentRemoved],
    signals: [NetworkChanged],
    watches: [CatalogOpened, PartialDocumentsOffered, PeerOffended, SettingsChanged],
    requests: [ReadSettings, ListRevisions, SearchLibrary],
    answers: [GetNetworkStatus, ListPeers, ConnectPeer, DisconnectPeer, FindSources, ListSources, SearchPeers],
  },
  indexer: {
    publishes: [DocumentIndexed],
    consumes: [DocumentAdded, DocumentRemoved],
    signals: [],
    watches: [CatalogOpened, SettingsChanged],
    requests: [ReadSettings, ListRevisions, GetDocument, GetFile],
    answers: [SearchLibrary, GetReport, GetCover, CountIndexed],
  },
  watcher: {
    publishes: [FileFound, FileLost],
    consumes: [],
    signals: [CollectionChanged],
    watches: [CatalogOpened, SettingsChanged],
    requests: [ReadSettings, GetCatalogStatus, ListFiles, ProbeCollection],
    answers: [ListCollections, ConfirmDeletions, ScanCollection, ExplainFile],
  },
  gateway: {
    publishes: [],
    consumes: [],
    signals: [],
    watches: [
      DocumentAdded,
      DocumentRemoved,
      DocumentDamaged,
      DocumentRepaired,
      DocumentIndexed,
      DownloadsProgressed,
      NetworkChanged,
      CollectionChanged,
    ],
    requests: [
      ReadSettings,
      WriteSettings,
      CheckSettings,
      ListCollections,
      ConfirmDeletions,
      ScanCollection,
      ExplainFile,
      ListDocuments,
      GetDocument,
      FindHeldDocuments,
      GetFile,
      StartDownload,
      StartDownloads,
      ListDownloads,
      GetDownload,
      CommandDownloads,
      GetRates,
      GetTraffic,
      GetAuditReport,
      GetFixity,
      StartAudit,
      SearchLibrary,
      GetReport,
      GetCover,
      CountIndexed,
      GetNetworkStatus,
      ListPeers,
      ConnectPeer,
      DisconnectPeer,
      SearchPeers,
      ListSources,
    ],
    answers: [],
  },
};
