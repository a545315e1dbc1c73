import { isNoSpace } from '@allibrary/messaging';
import { dataFolderProblem, diskIsFull, isDiskFull } from '@allibrary/platform';

/** How long a write that failed for lack of space counts: quotas and other limits show nowhere else. */
const FAILURE_COUNTS_MS = 30_000;

/** Knows whether the disks that this service writes to are full. */
export class DiskHealth {
  #failedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly dataDir: string,
    private readonly downloadDir: () => string | undefined,
    private readonly clock: () => number,
  ) {}

  /** Records an error if it is a write that failed for lack of space. */
  readonly note = (error: unknown): void => {
    if (isNoSpace(error)) this.#failedAtMs = this.clock();
  };

  /** Resolves and rejects as the work does; records its errors. */
  async watch<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.note(error);
      throw error;
    }
  }

  /** What is wrong; null when there is room. */
  async problem(): Promise<string | null> {
    const downloadDir = this.downloadDir();
    const inData = await dataFolderProblem(this.dataDir);
    const inDownloads = downloadDir !== undefined && (await isDiskFull(downloadDir)) ? diskIsFull(downloadDir) : null;
    const problems = [inData, inDownloads].filter((problem) => problem !== null);
    if (problems.length > 0) return problems.join('; ');
    if (this.clock() - this.#failedAtMs >= FAILURE_COUNTS_MS) return null;
    return diskIsFull(downloadDir === undefined ? this.dataDir : `${this.dataDir} or ${downloadDir}`);
  }
}
