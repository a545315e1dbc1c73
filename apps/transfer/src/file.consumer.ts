import { type Data, FileFound, FileLost } from '@allibrary/contracts';
import { OnEvent } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Ingest } from './ingest.ts';

/** What the watcher says about files. */
@Controller()
export class FileConsumer {
  constructor(private readonly ingest: Ingest) {}

  @OnEvent(FileFound, { concurrency: 4 })
  async onFound({ collection, path }: Data<typeof FileFound>): Promise<void> {
    await this.ingest.found({ collection, path });
  }

  @OnEvent(FileLost, { concurrency: 4 })
  async onLost({ collection, path, isLeftOut = false }: Data<typeof FileLost>): Promise<void> {
    await this.ingest.lost({ collection, path }, isLeftOut);
  }
}
