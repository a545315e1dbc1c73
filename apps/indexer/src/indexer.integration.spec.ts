// Real: nats-server, the whole indexer, its children and its read model. The library's owner, transfer, is played.
import { readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import {
  CountIndexed,
  type Data,
  DocumentAdded,
  DocumentIndexed,
  DocumentRemoved,
  GetCover,
  GetDocument,
  GetFile,
  GetReport,
  type LibraryDocument,
  type Location,
  type ReplyOf,
  type SearchHit,
  SearchLibrary,
} from '@allibrary/contracts';
import { firstCollection } from '@allibrary/library';
import {
  Bus,
  JetStreamTransport,
  OnRequest,
  RequestFailure,
  SettingsResponder,
  StoredSettings,
} from '@allibrary/messaging';
import { Logger, type RunningService, startService } from '@allibrary/platform';
import { type TempFolder, type TestNats, TestSettings, eventually, startNats, tempFolder } from '@allibrary/testing';
import { Controller, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { indexerConfig } from './indexer.config.ts';
import { indexerService } from './indexer.module.ts';
import { pdfOf } from './testing/hand-written-pdf.ts';
import { idOf } from './testing/test-index.ts';

let nats: TestNats;
let folder: TempFolder;
let bus: Bus;
let indexer: RunningService;
let library: INestMicroservice;
let logLines: string[];
let logger: Logger;
let stopWatching: AbortController;
let indexed: Data<typeof DocumentIndexed>[];
let changedAtMs = 1_000;

const OPF = '<package><metadata><dc:title>The Egrets</dc:title></metadata></package>';

const at = (path: string) => ({ collection: 'library', path });

/** What the played owner of the library says it has. */
const documents = new Map<string, LibraryDocument>();

@Controller()
class LibraryOwner {
  @OnRequest(GetDocument)
  get({ documentId }: { documentId: string }): LibraryDocument {
    const document = documents.get(documentId);
    if (!document) throw new RequestFailure('not-found', `${documentId} is not in the library`);
    return document;
  }

  @OnRequest(GetFile)
  file(location: Location): ReplyOf<typeof GetFile> {
    const document = [...documents.values()].find(({ locations }) =>
      locations.some(({ path }) => path === location.path),
    );
    return { ...location, documentId: document?.documentId ?? null, state: 'shared', reason: 'It is shared.' };
  }
}

beforeEach(async () => {
  nats = await startNats();
  folder = await tempFolder();
  bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
  const settings = new TestSettings();
  await settings.write('collections', { collections: [firstCollection(folder.path)] });
  library = await NestFactory.createMicroservice(
    {
      module: class LibraryModule {},
      controllers: [LibraryOwner, SettingsResponder],
      providers: [
        { provide: Bus, useValue: bus },
        { provide: StoredSettings, useValue: settings },
      ],
    },
    { strategy: new JetStreamTransport({ bus, service: 'transfer' }), logger: false },
  );
  await library.listen();
  documents.clear();
  indexed = [];
  stopWatching = new AbortController();
  watch().catch(() => {});
  await startIndexer();
});
afterEach(async () => {
  await indexer.stop();
  stopWatching.abort();
  await library.close();
  await bus.close();
  await nats.stop();
  await folder.remove();
});

async function watch(): Promise<void> {
  for await (const fact of bus.watch(DocumentIndexed, stopWatching.signal)) indexed.push(fact);
}

async function startIndexer(): Promise<void> {
  logLines = [];
  const lines = new PassThrough().on('data', (line: Buffer) => logLines.push(String(line)));
  const config = indexerConfig.parse({
    ALLIBRARY_NATS_URL: nats.url,
    ALLIBRARY_NATS_TOKEN: nats.token,
    ALLIBRARY_DATA: join(folder.path, 'data'),
    ALLIBRARY_LIBRARY: folder.path,
  });
  logger = new Logger(pino({ level: 'info' }, lines));
  indexer = await startService(indexerService, config, logger);
}

function documentOf(name: string, text: string, change: Partial<LibraryDocument> = {}): LibraryDocument {
  const common = {
    mediaType: 'text/plain',
    sha256: '0'.repeat(64),
    locations: [at(name)],
    isPublic: true,
    addedAtMs: 1,
  };
  return { documentId: idOf(name), name, sizeBytes: Buffer.byteLength(text), ...common, ...change };
}

async function add(document: LibraryDocument): Promise<void> {
  documents.set(document.documentId, document);
  await bus.publish(DocumentAdded, { ...document, changedAtMs: (changedAtMs += 1) });
}

async function addFile(name: string, text: string, change: Partial<LibraryDocument> = {}): Promise<LibraryDocument> {
  await writeFile(join(folder.path, name), text);
  const document = documentOf(name, text, change);
  await add(document);
  return document;
}

async function remove(documentId: string): Promise<void> {
  documents.delete(documentId);
  await bus.publish(DocumentRemoved, { documentId, changedAtMs: (changedAtMs += 1) });
}

const search = async (text: string): Promise<SearchHit[]> => (await bus.request(SearchLibrary, { text })).hits;
const indexedOf = (documentId: string) => indexed.filter((fact) => fact.documentId === documentId);
const metrics = async (): Promise<string> => (await fetch(`${indexer.httpUrl}/metrics`)).text();

test('a document that is added is indexed, announced and found; a removed one is gone', async () => {
  const { documentId } = await addFile('birds.txt', 'the grey heron stands still');
  await eventually(() => indexedOf(documentId).length === 1);
  expect(indexedOf(documentId)).toEqual([{ documentId, words: 5, problem: null, indexedAtMs: expect.any(Number) }]);
  expect(await search('heron')).toMatchObject([
    { documentId, name: 'birds.txt', snippet: 'the grey heron stands still' },
  ]);
  expect(await bus.request(CountIndexed, {})).toMatchObject({ documents: 1 });

  await remove(documentId);
  await eventually(async () => (await search('heron')).length === 0);
  expect(await bus.request(CountIndexed, {})).toMatchObject({ documents: 0 });
});

test('a sidecar that comes or changes is read into the documents that it describes', async () => {
  await addFile('scan17.txt', 'a bird that stands still');
  const { documentId } = await addFile('scan17 copy.txt', 'another bird');
  await eventually(async () => (await search('bird')).length === 2);
  await addFile('scan17.txt.json', '{"title": "Of Herons"}');
  const found = await eventually(async () => (await search('of herons')).find(({ name }) => name === 'scan17.txt'));
  expect(found).toMatchObject({ title: 'Of Herons', snippet: null });
  await addFile('metadata.opf', OPF, { mediaType: 'application/oebps-package+xml' });
  await eventually(async () => (await bus.request(GetReport, { documentId })).metadata.title === 'The Egrets');
  expect(await bus.request(GetReport, { documentId })).toMatchObject({
    metadata: { title: 'The Egrets' },
    origins: { title: 'sidecar' },
  });
  expect((await search('of herons')).map(({ name }) => name)).toContain('scan17.txt');
});

test('the cover of a document is drawn, and goes with it', async () => {
  const file = pdfOf('the grey heron');
  const { documentId } = await addFile('heron.pdf', file.toString('latin1'), { mediaType: 'application/pdf' });
  const { jpeg } = await eventually(() => bus.request(GetCover, { documentId }).catch(() => null));
  expect(Buffer.from(jpeg, 'base64').subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  await remove(documentId);
  const covers = join(folder.path, 'data', 'indexer', 'covers', documentId.slice(-2));
  await eventually(async () => (await readdir(covers)).length === 0);
  await expect(bus.request(GetCover, { documentId })).rejects.toThrow('no cover that could be drawn');
});

test('a document that has another name is found by that one', async () => {
  const document = await addFile('heron.txt', 'a bird');
  await eventually(async () => (await search('heron')).length === 1);
  await writeFile(join(folder.path, 'egret.txt'), 'a bird');
  await add({ ...document, name: 'egret.txt', locations: [at('egret.txt')] });
  await eventually(async () => (await search('egret')).length === 1);
  expect(await search('heron')).toEqual([]);
  expect(await search('bird')).toHaveLength(1);
});

test('another location of an indexed document needs no second reading', async () => {
  const document = await addFile('heron.txt', 'a bird');
  await eventually(() => indexedOf(document.documentId).length === 1);
  await add({ ...document, locations: [at('heron.txt'), at('shelf/heron.txt')] });
  await addFile('last.txt', 'an end');
  await eventually(async () => (await search('end')).length === 1);
  expect(indexedOf(document.documentId)).toHaveLength(1);
  expect(await metrics()).toMatch(/allibrary_indexed_documents_total\{result="text",service="indexer"\} 2\n/);
});

test('a document that is removed before its addition is handled stays away', async () => {
  await indexer.stop();
  const { documentId } = await addFile('heron.txt', 'a grey bird');
  await remove(documentId);
  await startIndexer();
  await addFile('last.txt', 'an end');
  await eventually(async () => (await search('end')).length === 1);
  await eventually(async () => (await bus.request(CountIndexed, {})).documents === 1);
  expect(await search('grey')).toEqual([]);
});

test('what is not text is found by its name, and one line says why', async () => {
  const { documentId } = await addFile('annual_report.pdf', 'no PDF at all', { mediaType: 'application/pdf' });
  await eventually(() => indexedOf(documentId).length === 1);
  expect(indexedOf(documentId)).toMatchObject([{ words: 0, problem: expect.stringMatching(/damaged or no PDF/) }]);
  expect(await search('report')).toMatchObject([{ documentId, snippet: null }]);
  logger.flush();
  const lines = logLines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.filter((line) => 'documentId' in line)).toMatchObject([
    { documentId, path: 'library/annual_report.pdf', problem: expect.stringMatching(/damaged/) },
  ]);
});

test('a format that is not read yet is found by its name', async () => {
  const { documentId } = await addFile('novel.doc', '\u0000words', { mediaType: 'application/msword' });
  await eventually(() => indexedOf(documentId).length === 1);
  expect(indexedOf(documentId)).toMatchObject([{ problem: 'no text is extracted from application/msword yet' }]);
});

test('a symbolic link is not followed, however it came to be there', async () => {
  await writeFile(join(folder.path, 'data/secret.txt'), 'secret');
  await symlink(join(folder.path, 'data/secret.txt'), join(folder.path, 'link.txt'));
  const document = documentOf('link.txt', 'secret');
  await add(document);
  await eventually(() => indexedOf(document.documentId).length === 1);
  expect(indexedOf(document.documentId)).toMatchObject([{ problem: 'at its location is no regular file' }]);
  expect(await search('secret')).toEqual([]);
});

test('a file that has moved is read where it is now', async () => {
  await writeFile(join(folder.path, 'moved.txt'), 'a grey bird');
  const document = documentOf('heron.txt', 'a grey bird');
  documents.set(document.documentId, { ...document, locations: [at('moved.txt')] });
  await bus.publish(DocumentAdded, { ...document, changedAtMs: (changedAtMs += 1) });
  await eventually(async () => (await search('grey')).length === 1);
});

test('a file that is nowhere is looked for again until it is there', async () => {
  const document = documentOf('heron.txt', 'a grey bird');
  await add(document);
  await eventually(() => logLines.some((line) => line.includes('is where it should be')));
  await writeFile(join(folder.path, 'heron.txt'), 'a grey bird');
  await eventually(async () => (await search('grey')).length === 1);
});

test('a document that vanished with its file is let go without a retry', async () => {
  const { documentId } = await addFile('heron.txt', 'a grey bird').then(async (document) => {
    await rm(join(folder.path, 'heron.txt'), { force: true });
    return document;
  });
  await remove(documentId);
  await addFile('last.txt', 'an end');
  await eventually(async () => (await search('end')).length === 1);
  expect(await search('grey')).toEqual([]);
});

test('a lost read model is built again from the facts', async () => {
  await addFile('heron.txt', 'a grey bird');
  const { documentId } = await addFile('egret.txt', 'a white bird');
  await eventually(async () => (await search('bird')).length === 2);
  await remove(documentId);
  await eventually(async () => (await search('bird')).length === 1);
  await indexer.stop();
  await rm(join(folder.path, 'data/indexer'), { recursive: true });
  await startIndexer();
  await eventually(async () => (await search('grey')).length === 1);
  await eventually(async () => (await bus.request(CountIndexed, {})).documents === 1);
});

test('a restart indexes nothing twice', async () => {
  for (let n = 0; n < 20; n++) await addFile(`bird-${n}.txt`, `bird number ${n}`);
  await eventually(async () => (await search('bird')).length > 3);
  await indexer.stop();
  await startIndexer();
  await eventually(async () => (await bus.request(CountIndexed, {})).documents === 20);
  await addFile('last.txt', 'an end');
  await eventually(async () => (await search('end')).length === 1);
  const readings = new Set(indexed.map(({ documentId, indexedAtMs }) => `${documentId}@${indexedAtMs}`));
  expect(readings.size).toBe(21);
});

test('says that it is ready, and how many documents it has', async () => {
  await addFile('heron.txt', 'a grey bird');
  await eventually(async () => (await search('grey')).length === 1);
  const ready = await fetch(`${indexer.httpUrl}/health/ready`);
  expect(await ready.json()).toEqual({ status: 'ready', checks: { nats: null, disk: null, index: null } });
  const exposed = await metrics();
  expect(exposed).toMatch(/allibrary_index_documents\{service="indexer"\} 1\n/);
  expect(exposed).toMatch(/allibrary_extraction_seconds_count\{.*format="plain".*\} 1\n/);
  expect(exposed).toMatch(/allibrary_search_seconds_count/);
});
