import {
  CommandDownloads,
  type CollectionStatus,
  ConfirmDeletions,
  ConnectPeer,
  DisconnectPeer,
  CountIndexed,
  GetCover,
  type DocumentReport,
  type Download,
  ExplainFile,
  type FileReport,
  FindHeldDocuments,
  GetDocument,
  GetDownload,
  GetFile,
  GetNetworkStatus,
  GetRates,
  GetReport,
  type LibraryAnswer,
  GetTraffic,
  type LibraryDocument,
  ListCollections,
  ListDocuments,
  ListDownloads,
  ListPeers,
  ListSources,
  type Peer,
  type PeerAnswer,
  type ReplyOf,
  type RequestOf,
  type SearchHit,
  SearchLibrary,
  SearchPeers,
  StartDownload,
  StartDownloads,
  type TrafficReport,
} from '@allibrary/contracts';
import {
  Bus,
  JetStreamTransport,
  OnRequest,
  OnRequestMany,
  RequestFailure,
  SettingsResponder,
  StoredSettings,
} from '@allibrary/messaging';
import { TestSettings } from '@allibrary/testing';
import { Controller, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** Peer ids of the right form. */
export const PEER_IDS = ['A', 'B', 'C'].map((letter) => `12D3KooW${letter.repeat(44)}`) as [string, string, string];

/** A document of 10 bytes that this node holds; its name is the letter. */
export const documentNamed = (letter: string): LibraryDocument => ({
  documentId: documentIdOf(letter),
  name: `${letter}.txt`,
  sizeBytes: 10,
  mediaType: 'text/plain',
  sha256: '0'.repeat(64),
  locations: [{ collection: 'library', path: `${letter}.txt` }],
  isPublic: true,
  addedAtMs: 1,
});

/** A document id of the right form, made of one letter. */
export const documentIdOf = (letter: string): string => `bafkrei${letter.repeat(52)}`;

/** What the stand-ins answer; each test sets what it needs. */
export class World {
  documents: LibraryDocument[] = [];
  downloads: Download[] = [];
  hits: SearchHit[] = [];
  remarks: Omit<LibraryAnswer, 'hits' | 'total'> = { suggestion: null, facets: null };
  /** Number of documents that the index finds; null as many as it lists. */
  total: number | null = null;
  /** What the network answers of the sources of shown documents. */
  sources: ReplyOf<typeof ListSources>[] = [];
  peerQuestions: unknown[] = [];
  /** The documents whose sources were looked for. */
  sourceLookups: (readonly string[])[] = [];
  reports: DocumentReport[] = [];
  /** By document id. */
  readonly covers = new Map<string, ReplyOf<typeof GetCover>>();
  /** What the network answers, in this order; the exchange then stays open until its time limit when `staysSilent` is set. */
  peerAnswers: PeerAnswer[] = [];
  staysSilent = false;
  /** Whether commands are refused. */
  refuses = false;
  questions: unknown[] = [];
  /** The documents of each list that was looked up. */
  heldLookups: (readonly string[])[] = [];
  collections: CollectionStatus[] = [];
  /** State that the watcher reports of every file. */
  fileState: FileReport['state'] = 'hashing';
  readonly settings = new TestSettings();
}

/** What the network reports about this node's documents. */
export const FINDABLE = { sampled: 5, found: 5, announcedDocuments: 3, estimatedDocuments: 3, checkedAtMs: 1 };

const peer: Peer = {
  peerId: PEER_IDS[0],
  multiaddr: '/ip4/192.0.2.1/tcp/6881',
  direction: 'outbound',
  agent: null,
  isLibrary: true,
  connectedAtMs: 1,
};

const counts = { queued: 0, active: 1, paused: 0, completed: 0, failed: 0, cancelled: 0 };

/** Stands in for transfer. */
@Controller()
class StandInTransfer {
  constructor(private readonly world: World) {}

  @OnRequest(ListDocuments)
  listDocuments({ cursor, limit }: RequestOf<typeof ListDocuments>): ReplyOf<typeof ListDocuments> {
    const { documents } = this.world;
    const start = Number(cursor ?? 0);
    const end = start + limit;
    const nextCursor = end < documents.length ? String(end) : null;
    return { items: documents.slice(start, end), nextCursor, total: documents.length };
  }

  @OnRequest(GetDocument)
  getDocument({ documentId }: RequestOf<typeof GetDocument>): LibraryDocument {
    return found(
      this.world.documents.find((each) => each.documentId === documentId),
      'no such document',
    );
  }

  @OnRequest(FindHeldDocuments)
  findHeld({ documentIds }: RequestOf<typeof FindHeldDocuments>): ReplyOf<typeof FindHeldDocuments> {
    this.world.heldLookups.push(documentIds);
    const held = new Set(this.world.documents.map(({ documentId }) => documentId));
    return { documentIds: documentIds.filter((documentId) => held.has(documentId)) };
  }

  @OnRequest(StartDownload)
  start({ documentId }: RequestOf<typeof StartDownload>): Download {
    if (this.world.documents.some((each) => each.documentId === documentId))
      throw new RequestFailure('conflict', 'the document is here already');
    return found(this.world.downloads[0], 'nothing to start');
  }

  @OnRequest(ListDownloads)
  listDownloads(): ReplyOf<typeof ListDownloads> {
    return { items: this.world.downloads, nextCursor: null, counts };
  }

  @OnRequest(GetDownload)
  getDownload({ id }: RequestOf<typeof GetDownload>): Download {
    return found(
      this.world.downloads.find((each) => each.id === id),
      'no such download',
    );
  }

  @OnRequest(StartDownloads)
  startMany({ documentIds }: RequestOf<typeof StartDownloads>): ReplyOf<typeof StartDownloads> {
    return { items: documentIds.map((documentId) => ({ documentId, id: null, failure: null })) };
  }

  @OnRequest(CommandDownloads)
  command(request: RequestOf<typeof CommandDownloads>): ReplyOf<typeof CommandDownloads> {
    this.world.questions.push(request);
    const failure = { code: 'conflict', message: 'it has ended' } as const;
    return { items: request.ids.map((id) => ({ id, state: null, failure: this.world.refuses ? failure : null })) };
  }

  @OnRequest(GetTraffic)
  traffic(): TrafficReport {
    return {
      ...{ downloadBytesPerSecond: 1_000, uploadBytesPerSecond: 2_000 },
      limits: { downloadBytesPerSecond: 100_000, uploadBytesPerSecond: null, because: 'limits' },
      month: {
        ...{ since: '2026-11-01', receivedBytes: 1, sentBytes: 2, countedBytes: 3, budgetBytes: null },
        ...{ forecastBytes: null, budget: 'none' },
      },
    };
  }

  @OnRequest(GetFile)
  getFile(location: RequestOf<typeof GetFile>): ReplyOf<typeof GetFile> {
    return { ...location, state: 'shared', reason: 'transfer says so', documentId: null };
  }

  @OnRequest(GetRates)
  rates(): ReplyOf<typeof GetRates> {
    return { downloadBytesPerSecond: 1_000, uploadBytesPerSecond: 2_000 };
  }
}

/** Stands in for the watcher. */
@Controller()
class StandInWatcher {
  constructor(private readonly world: World) {}

  @OnRequest(ListCollections)
  listCollections(): ReplyOf<typeof ListCollections> {
    return { items: this.world.collections };
  }

  @OnRequest(ConfirmDeletions)
  confirm({ id }: RequestOf<typeof ConfirmDeletions>): CollectionStatus {
    const status = found(
      this.world.collections.find((each) => each.id === id),
      'no such collection',
    );
    if (status.state !== 'frozen') throw new RequestFailure('conflict', 'the collection is not frozen');
    return { ...status, state: 'watching' };
  }

  @OnRequest(ExplainFile)
  explain(location: RequestOf<typeof ExplainFile>): FileReport {
    return { ...location, state: this.world.fileState, reason: 'the watcher says so' };
  }
}

/** Stands in for the indexer. */
@Controller()
class StandInIndexer {
  constructor(private readonly world: World) {}

  @OnRequest(SearchLibrary)
  search(question: RequestOf<typeof SearchLibrary>): ReplyOf<typeof SearchLibrary> {
    this.world.questions.push(question);
    const { hits, remarks, total } = this.world;
    const page = hits.slice(question.offset, question.offset + question.limit);
    return { hits: page, ...remarks, total: { documents: total ?? hits.length, isAtLeast: false } };
  }

  @OnRequest(GetReport)
  report({ documentId }: RequestOf<typeof GetReport>): DocumentReport {
    return found(
      this.world.reports.find((each) => each.documentId === documentId),
      'no such document is indexed',
    );
  }

  @OnRequest(GetCover)
  cover({ documentId }: RequestOf<typeof GetCover>): ReplyOf<typeof GetCover> {
    return found(this.world.covers.get(documentId), 'the document has no cover that could be drawn');
  }

  @OnRequest(CountIndexed)
  count(): ReplyOf<typeof CountIndexed> {
    return { documents: 2, waiting: 1, secondsLeft: 4, isRebuilding: false, picturePages: 12 };
  }
}

/** Stands in for p2p-node. */
@Controller()
class StandInP2pNode {
  constructor(private readonly world: World) {}

  @OnRequest(GetNetworkStatus)
  status(): ReplyOf<typeof GetNetworkStatus> {
    const standing = { peerId: PEER_IDS[2], multiaddrs: ['/ip4/192.0.2.2/tcp/6881'], connected: true };
    const documents = { announcedDocuments: 0, waitingDocuments: 0, findable: FINDABLE };
    return { ...standing, method: 'direct', peers: 1, ...documents, bannedBy: [] };
  }

  @OnRequest(ListPeers)
  peers(): ReplyOf<typeof ListPeers> {
    return { items: [peer] };
  }

  @OnRequest(ConnectPeer)
  connect({ multiaddr }: RequestOf<typeof ConnectPeer>): Peer {
    if (multiaddr.includes('unreachable')) throw new RequestFailure('unavailable', 'the peer can not be reached');
    return { ...peer, multiaddr };
  }

  @OnRequest(DisconnectPeer)
  disconnect({ peerId }: RequestOf<typeof DisconnectPeer>): ReplyOf<typeof DisconnectPeer> {
    if (peerId !== peer.peerId) throw new RequestFailure('not-found', 'this node is not connected to it');
    return {};
  }

  @OnRequestMany(SearchPeers)
  async *search(question: unknown, { signal }: { signal: AbortSignal }): AsyncGenerator<PeerAnswer> {
    this.world.peerQuestions.push(question);
    yield* this.world.peerAnswers;
    if (this.world.staysSilent) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  }

  @OnRequestMany(ListSources)
  async *listSources({ documentIds }: RequestOf<typeof ListSources>): AsyncGenerator<ReplyOf<typeof ListSources>> {
    this.world.sourceLookups.push(documentIds);
    yield* this.world.sources;
  }
}

const STAND_INS = {
  watcher: [StandInWatcher],
  transfer: [StandInTransfer, SettingsResponder],
  indexer: [StandInIndexer],
  'p2p-node': [StandInP2pNode],
};

/** Starts the stand-in of one service. */
export async function standIn(service: keyof typeof STAND_INS, bus: Bus, world: World): Promise<INestMicroservice> {
  const module = {
    module: class StandInModule {},
    controllers: STAND_INS[service],
    providers: [
      { provide: World, useValue: world },
      { provide: StoredSettings, useValue: world.settings },
      { provide: Bus, useValue: bus },
    ],
  };
  const app = await NestFactory.createMicroservice(module, {
    strategy: new JetStreamTransport({ bus, service }),
    logger: false,
  });
  await app.listen();
  return app;
}

function found<T>(thing: T | undefined, message: string): T {
  if (thing === undefined) throw new RequestFailure('not-found', message);
  return thing;
}
