/** A collection takes about 70 ms of CPU: only a process that uses less than this share of one core is interrupted. */
const QUIET_SHARE = 0.05;
/** Growth of the heap that is worth a collection. */
const WORTH_BYTES = 8 * 1_048_576;
const CHECK_EVERY_MS = 15_000;

/** What is measured in a process, and what collects its garbage. */
export interface CollectedProcess {
  /** CPU time used so far. */
  readonly cpuMs: () => number;
  readonly heapBytes: () => number;
  readonly collect: () => void;
}

/**
 * Collects garbage that the last work left. V8 collects a heap when it is full, and the heap of a quiet process never
 * is: without this, the memory of the start or of a large scan is not returned for days.
 */
export class QuietCollection {
  readonly #process: CollectedProcess;
  #cpuMs = 0;
  #keptBytes = 0;

  constructor(process: CollectedProcess) {
    this.#process = process;
  }

  /** Collects if the last interval was quiet; call it at fixed intervals. */
  check(intervalMs: number): void {
    const { cpuMs, heapBytes, collect } = this.#process;
    const usedMs = cpuMs() - this.#cpuMs;
    this.#cpuMs += usedMs;
    if (usedMs > QUIET_SHARE * intervalMs || heapBytes() - this.#keptBytes < WORTH_BYTES) return;
    collect();
    this.#keptBytes = heapBytes();
  }
}

/** Collects this process's garbage when it is quiet, where Node runs with --expose-gc. */
export function collectWhenQuiet(): void {
  const { gc } = globalThis;
  if (!gc) return;
  const collection = new QuietCollection({
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1_000;
    },
    heapBytes: () => process.memoryUsage().heapUsed,
    // The only flavour that returns the emptied pages.
    collect: () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' }),
  });
  setInterval(() => collection.check(CHECK_EVERY_MS), CHECK_EVERY_MS).unref();
}
