import { GetFile, ProbeCollection, type ReplyOf, type RequestOf } from '@allibrary/contracts';
import { OnRequest, RequestFailure } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Ingest } from './ingest.ts';
import { WatchProbe } from './watch-probe.ts';

/** Questions about the collections' files. */
@Controller()
export class CollectionsResponder {
  constructor(
    private readonly ingest: Ingest,
    private readonly probe: WatchProbe,
  ) {}

  @OnRequest(GetFile)
  getFile(location: RequestOf<typeof GetFile>): Promise<ReplyOf<typeof GetFile>> {
    return this.ingest.report(location);
  }

  @OnRequest(ProbeCollection)
  async probeCollection({ id, name }: RequestOf<typeof ProbeCollection>): Promise<ReplyOf<typeof ProbeCollection>> {
    const problem = await this.probe.touch(id, name);
    if (problem !== null) throw new RequestFailure('conflict', problem);
    return {};
  }
}
