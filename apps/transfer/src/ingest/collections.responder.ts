import {
  FileFound,
  FileLost,
  GetCatalogStatus,
  GetFile,
  ListFiles,
  ProbeCollection,
  type ReplyOf,
  type RequestOf,
} from '@allibrary/contracts';
import { Bus, OnRequest, RequestFailure, ownBacklog } from '@allibrary/messaging';
import { ReadModel } from '@allibrary/platform';
import { Controller } from '@nestjs/common';
import { Catalog } from '../catalog/catalog.ts';
import { Ingest } from './ingest.ts';
import { WatchProbe } from './watch-probe.ts';

/** Questions about the collections' files. */
@Controller()
export class CollectionsResponder {
  constructor(
    private readonly ingest: Ingest,
    private readonly probe: WatchProbe,
    private readonly catalog: Catalog,
    private readonly model: ReadModel,
    private readonly bus: Bus,
  ) {}

  @OnRequest(GetFile)
  getFile(location: RequestOf<typeof GetFile>): Promise<ReplyOf<typeof GetFile>> {
    return this.ingest.report(location);
  }

  @OnRequest(ListFiles)
  listFiles(request: RequestOf<typeof ListFiles>): ReplyOf<typeof ListFiles> {
    return this.catalog.listFiles(request);
  }

  @OnRequest(GetCatalogStatus)
  async status(_request: RequestOf<typeof GetCatalogStatus>): Promise<ReplyOf<typeof GetCatalogStatus>> {
    const backlogs = await Promise.all(
      [FileFound, FileLost].map((contract) => ownBacklog(this.bus, 'transfer', this.model.generation, contract)),
    );
    const waiting = backlogs.reduce<number>((sum, backlog) => {
      if (backlog === null) throw new RequestFailure('unavailable', 'the catalog does not receive facts yet');
      return sum + backlog;
    }, 0);
    return { waiting, collections: this.catalog.collections };
  }

  @OnRequest(ProbeCollection)
  async probeCollection({ id, name }: RequestOf<typeof ProbeCollection>): Promise<ReplyOf<typeof ProbeCollection>> {
    const problem = await this.probe.touch(id, name);
    if (problem !== null) throw new RequestFailure('conflict', problem);
    return {};
  }
}
