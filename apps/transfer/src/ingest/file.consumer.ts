import { type Data, FileFound, FileLost } from '@allibrary/contracts';
import { Turns } from '@allibrary/core';
import { OnEvent } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { DiskHealth } from '../disk/disk-health.ts';
import { Ingest } from './ingest.ts';

/** Small files spend most of their time between the services, not in hashing, which has its own bound. */
const CONCURRENCY = 32;

/** The watcher's facts about files. Two about one file may come at once, and the second finds what the first recorded. */
@Controller()
export class FileConsumer {
  readonly #turns = new Turns();

  constructor(
    private readonly ingest: Ingest,
    private readonly disk: DiskHealth,
  ) {}

  @OnEvent(FileFound, { concurrency: CONCURRENCY })
  async onFound({ collection, path }: Data<typeof FileFound>): Promise<void> {
    const work = this.#turns.run(`${collection}/${path}`, () => this.ingest.found({ collection, path }));
    await this.disk.watch(work);
  }

  @OnEvent(FileLost, { concurrency: CONCURRENCY })
  async onLost({ collection, path, isLeftOut = false }: Data<typeof FileLost>): Promise<void> {
    const work = this.#turns.run(`${collection}/${path}`, () => this.ingest.lost({ collection, path }, isLeftOut));
    await this.disk.watch(work);
  }
}
