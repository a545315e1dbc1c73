import { existsSync, lstatSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CatalogOpened,
  type CollectionStatus,
  CollectionsSettings,
  type Data,
  FileFound,
  FileLost,
  GetCatalogStatus,
  ListCollections,
  ListFiles,
  ProbeCollection,
  type ReplyOf,
  type RequestOf,
} from '@allibrary/contracts';
import { compareKeys } from '@allibrary/core';
import {
  Bus,
  type Delivery,
  OnEvent,
  OnRequest,
  RequestFailure,
  Settings,
  SettingsResponder,
  StoredSettings,
} from '@allibrary/messaging';
import { firstCollection } from '@allibrary/library';
import { Logger, type RunningService, commonSettings, defineConfig, startService } from '@allibrary/platform';
import { type TempFolder, type TestNats, TestSettings, eventually, startNats, tempFolder } from '@allibrary/testing';
import { Controller } from '@nestjs/common';
import { expect } from 'vitest';
import type { z } from 'zod';
import { watcherService } from '../watcher.module.ts';

/** How long a file must stay unchanged in these tests. */
export const SETTLE_MS = 300;

/** A fact that was received. */
export interface Heard {
  readonly kind: 'found' | 'lost';
  readonly collection: string;
  readonly path: string;
  readonly sizeBytes?: number;
  readonly isLeftOut?: boolean | undefined;
  readonly sequence: number;
}

type CatalogFile = ReplyOf<typeof ListFiles>['items'][number];

/** What transfer does in the trial: it writes, it refuses, or it pretends to have written. */
export type Probing = 'writes' | 'refuses' | 'pretends';

/** A watcher with a broker, a library and a service that receives its facts and makes its trial change in place of transfer. */
export class WatcherFixture {
  heard: Heard[] = [];
  /** The files that transfer holds, by collection and path: those that were found and not lost. */
  readonly catalog = new Map<string, Map<string, CatalogFile>>();
  /** Number of facts that transfer reports as not handled. */
  waiting = 0;
  readonly #folders = new Map<string, string>();
  warnings: string[] = [];
  probing: Probing = 'writes';
  #running: RunningService[] = [];

  private constructor(
    readonly nats: TestNats,
    readonly temp: TempFolder,
    readonly bus: Bus,
  ) {}

  static async start(): Promise<WatcherFixture> {
    const [nats, temp] = await Promise.all([startNats(), tempFolder()]);
    const bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
    const fixture = new WatcherFixture(nats, temp, bus);
    mkdirSync(fixture.inLibrary(''));
    await fixture.#listen();
    await fixture.choose({ collections: [firstCollection(fixture.inLibrary(''))] });
    return fixture;
  }

  async stop(): Promise<void> {
    for (const service of this.#running.toReversed()) await service.stop();
    await this.bus.close();
    await this.nats.stop();
    await this.temp.remove();
  }

  inLibrary(path: string): string {
    return join(this.temp.path, 'library', path);
  }

  inTemp(path: string): string {
    return join(this.temp.path, path);
  }

  async startWatcher(
    options: { rescanMinutes?: number; pollMinutes?: number; libraryDir?: string } = {},
  ): Promise<void> {
    const config = watcherService.config.parse({
      ...this.#environment(),
      ALLIBRARY_RESCAN_MINUTES: String(options.rescanMinutes ?? 60),
      ALLIBRARY_POLL_MINUTES: String(options.pollMinutes ?? 60),
      ...(options.libraryDir ? { ALLIBRARY_LIBRARY: options.libraryDir } : {}),
    });
    this.#running.push(await startService(watcherService, config, this.#logger));
  }

  async stopWatcher(): Promise<void> {
    await this.#running.pop()?.stop();
  }

  async choose(settings: z.input<typeof CollectionsSettings.schema>): Promise<void> {
    for (const { id, folder } of settings.collections ?? []) this.#folders.set(id, folder);
    await new Settings(this.bus).write(CollectionsSettings, settings);
  }

  /** The files that transfer holds of a collection. */
  held(collection = 'library'): Map<string, CatalogFile> {
    const files = this.catalog.get(collection) ?? new Map<string, CatalogFile>();
    this.catalog.set(collection, files);
    return files;
  }

  /** Makes transfer hold a file as it is on the disk now. */
  hold(path: string, collection = 'library'): void {
    const file = join(this.#folders.get(collection) ?? this.inLibrary(''), path);
    const { size: sizeBytes, mtimeMs, ino: inode, dev: device } = lstatSync(file);
    this.held(collection).set(path, { path, sizeBytes, modifiedAtMs: Math.max(0, mtimeMs), inode, device });
  }

  /** Makes the watcher compare its files with what transfer holds. */
  openCatalog(): void {
    this.bus.signal(CatalogOpened, {});
  }

  async status(id = 'library'): Promise<CollectionStatus> {
    const { items } = await this.bus.request(ListCollections, {});
    const found = items.find((status) => status.id === id);
    if (!found) throw new Error(`there is no collection ${id}`);
    return found;
  }

  /** The facts so far, in the order in which they were stored, as `found a.txt`. */
  facts(collection = 'library'): string[] {
    return this.heard
      .filter((fact) => fact.collection === collection)
      .toSorted((one, other) => one.sequence - other.sequence)
      .map(({ kind, path }) => `${kind} ${path}`);
  }

  async expectFacts(expected: string[], collection = 'library'): Promise<void> {
    await eventually(() => expect(this.facts(collection).toSorted()).toEqual(expected.toSorted()) ?? true);
  }

  /** Waits until all earlier changes were reviewed: a file that came later is published after them. */
  async lookedAtAll(): Promise<void> {
    const sentinel = `sentinel ${this.heard.length}.txt`;
    writeFileSync(this.inLibrary(sentinel), 'x');
    await eventually(() => this.facts().includes(`found ${sentinel}`));
    this.heard = this.heard.filter(({ path }) => path !== sentinel);
  }

  /** Sets a file's date back, so that a scan treats it as settled. */
  makeOld(path: string): void {
    utimesSync(this.inLibrary(path), new Date(2001, 1), new Date(2001, 1));
  }

  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.#running.at(-1)?.httpUrl}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(name));
    return Number(line?.split(' ').at(-1));
  }

  async readiness(): Promise<{ status: number; library: string | null }> {
    const answer = await fetch(`${this.#running.at(-1)?.httpUrl}/health/ready`);
    const { checks } = (await answer.json()) as { checks: Record<string, string | null> };
    return { status: answer.status, library: checks['library'] ?? null };
  }

  readonly #logger = new (class extends Logger {
    constructor(private readonly onWarning: (line: string) => void) {
      super({ service: 'test', level: 'error' });
    }
    override with(): Logger {
      return this;
    }
    override warn(fields: Record<string, unknown> | string, message?: string): void {
      this.onWarning(typeof fields === 'string' ? fields : `${message} ${JSON.stringify(fields)}`);
    }
  })((line) => this.warnings.push(line));

  #environment(): Record<string, string> {
    return {
      ALLIBRARY_NATS_URL: this.nats.url,
      ALLIBRARY_NATS_TOKEN: this.nats.token,
      ALLIBRARY_DATA: this.inTemp('data'),
      ALLIBRARY_LIBRARY: this.inLibrary(''),
      ALLIBRARY_LIBRARY_ROOTS: this.temp.path,
      ALLIBRARY_SETTLE_MS: String(SETTLE_MS),
    };
  }

  async #listen(): Promise<void> {
    const module = {
      module: class ListenerModule {},
      controllers: [listenerFor(this), SettingsResponder],
      providers: [{ provide: StoredSettings, useValue: new TestSettings() }],
    };
    const listener = { service: 'transfer', config: defineConfig(commonSettings), module: () => module };
    this.#running.push(await startService(listener, listener.config.parse(this.#environment()), this.#logger));
  }

  /** What transfer does when it is asked for a trial change. */
  probe({ name }: RequestOf<typeof ProbeCollection>): ReplyOf<typeof ProbeCollection> {
    if (this.probing === 'refuses') throw new RequestFailure('conflict', 'the collection can not be written to');
    const own = this.inLibrary('.allibrary');
    if (this.probing === 'writes') {
      if (!existsSync(own)) mkdirSync(own);
      writeFileSync(join(own, name), '');
    }
    return {};
  }
}

function listenerFor(fixture: WatcherFixture) {
  @Controller()
  class Listener {
    @OnEvent(FileFound)
    async onFound({ collection, path, sizeBytes }: Data<typeof FileFound>, { sequence }: Delivery): Promise<void> {
      fixture.heard.push({ kind: 'found', collection, path, sizeBytes, sequence });
      try {
        fixture.hold(path, collection);
      } catch {
        // It has vanished since, and transfer would not hold it either.
      }
    }

    @OnEvent(FileLost)
    async onLost({ collection, path, isLeftOut }: Data<typeof FileLost>, { sequence }: Delivery): Promise<void> {
      fixture.heard.push({ kind: 'lost', collection, path, isLeftOut, sequence });
      fixture.held(collection).delete(path);
    }

    @OnRequest(GetCatalogStatus)
    onStatus(_request: RequestOf<typeof GetCatalogStatus>): ReplyOf<typeof GetCatalogStatus> {
      const held = [...fixture.catalog].filter(([, files]) => files.size > 0);
      return { waiting: fixture.waiting, collections: held.map(([id]) => id) };
    }

    @OnRequest(ListFiles)
    onList({ collection, after, limit }: RequestOf<typeof ListFiles>): ReplyOf<typeof ListFiles> {
      const files = [...fixture.held(collection).values()]
        .toSorted((one, other) => compareKeys(one.path, other.path))
        .filter(({ path }) => compareKeys(path, after) > 0);
      return { items: files.slice(0, limit), isLast: files.length <= limit };
    }

    @OnRequest(ProbeCollection)
    onProbe(request: RequestOf<typeof ProbeCollection>): ReplyOf<typeof ProbeCollection> {
      return fixture.probe(request);
    }
  }
  return Listener;
}
