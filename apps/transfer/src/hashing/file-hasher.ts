import { type FileDigests, HashLane } from './hash-lane.ts';

const IDLE_LIMIT_MS = 30_000;

/** Hashes files, a few at once, on threads that exist only while there is work. */
export class FileHasher {
  readonly #idle: HashLane[] = [];
  readonly #waiting: ((lane: HashLane) => void)[] = [];
  readonly #lanes = new Set<HashLane>();
  #retirement: NodeJS.Timeout | undefined;

  constructor(private readonly maxLanes: number) {}

  /** Reads the file once and answers its digests; rejects with {@link FileChanged} when it did not hold still. */
  async hash(file: string, sizeBytes: number): Promise<FileDigests> {
    const lane = await this.#take();
    try {
      const digests = await lane.hash(file, sizeBytes);
      this.#giveBack(lane);
      return digests;
    } catch (error) {
      // Its threads may be out of step, or dead: the next file gets new ones.
      await this.#retire(lane);
      throw error;
    }
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    clearTimeout(this.#retirement);
    await Promise.all([...this.#lanes].map((lane) => this.#drop(lane)));
  }

  async #take(): Promise<HashLane> {
    clearTimeout(this.#retirement);
    const idle = this.#idle.pop();
    if (idle) return idle;
    if (this.#lanes.size < this.maxLanes) return this.#create();
    const { promise, resolve } = Promise.withResolvers<HashLane>();
    this.#waiting.push(resolve);
    return promise;
  }

  #giveBack(lane: HashLane): void {
    const next = this.#waiting.shift();
    if (next) return next(lane);
    this.#idle.push(lane);
    if (this.#idle.length === this.#lanes.size) this.#retireWhenIdle();
  }

  async #retire(lane: HashLane): Promise<void> {
    await this.#drop(lane);
    const next = this.#waiting.shift();
    if (next) next(this.#create());
  }

  #retireWhenIdle(): void {
    this.#retirement = setTimeout(() => {
      for (const lane of this.#idle.splice(0)) this.#drop(lane).catch(() => {}); // it ends either way
    }, IDLE_LIMIT_MS).unref();
  }

  #create(): HashLane {
    const lane = new HashLane();
    this.#lanes.add(lane);
    return lane;
  }

  async #drop(lane: HashLane): Promise<void> {
    this.#lanes.delete(lane);
    await lane.close();
  }
}
