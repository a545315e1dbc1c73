import { type Data, FileFound, FileLost } from '@allibrary/contracts';
import { OnEvent } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { DiskHealth } from './disk-health.ts';
import { Ingest } from './ingest.ts';

/** Small files spend most of their time between the services, not in hashing, which has its own bound. */
const CONCURRENCY = 32;

/** What the watcher says about files. */
@Controller()
export class FileConsumer {
  constructor(
    private readonly ingest: Ingest,
    private readonly disk: DiskHealth,
  ) {}

  @OnEvent(FileFound, { concurrency: CONCURRENCY })
  async onFound({ collection, path }: Data<typeof FileFound>): Promise<void> {
    await this.disk.watch(this.ingest.found({ collection, path }));
  }

  @OnEvent(FileLost, { concurrency: CONCURRENCY })
  async onLost({ collection, path, isLeftOut = false }: Data<typeof FileLost>): Promise<void> {
    await this.disk.watch(this.ingest.lost({ collection, path }, isLeftOut));
  }
}
