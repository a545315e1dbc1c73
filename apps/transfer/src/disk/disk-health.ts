import { isNoSpace } from '@allibrary/messaging';
import { dataFolderProblem, diskIsFull, isDiskFull } from '@allibrary/platform';

/** A write that failed for lack of space counts for so long: quotas and other limits show nowhere else. */
const FAILURE_COUNTS_MS = 30_000;

/** Knows whether the disks that this service writes to are full. */
export class DiskHealth {
  #failedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly dataDir: string,
    private readonly downloadDir: () => string | undefined,
    private readonly clock: () => number,
  ) {}

  /** Takes in an error of a write to the data folder, if that is what it is. */
  readonly note = (error: unknown): void => {
    if (isNoSpace(error)) this.#failedAtMs = this.clock();
  };

  /** Passes on what the work gives; its errors are taken in. */
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
    const ofData = await dataFolderProblem(this.dataDir);
    const ofDownloads = downloadDir !== undefined && (await isDiskFull(downloadDir)) ? diskIsFull(downloadDir) : null;
    const problems = [ofData, ofDownloads].filter((problem) => problem !== null);
    const hasFailed = this.clock() - this.#failedAtMs < FAILURE_COUNTS_MS;
    if (problems.length > 0) return problems.join('; ');
    return hasFailed
      ? diskIsFull(downloadDir === undefined ? this.dataDir : `${this.dataDir} or ${downloadDir}`)
      : null;
  }
}
