/** Spaces out an action that is wanted more often than it is useful: at most once an interval, and the last wish counts. */
export class Pacer {
  #timer: NodeJS.Timeout | undefined;
  #notBeforeMs = 0;

  constructor(
    private readonly intervalMs: number,
    private readonly act: () => void,
  ) {}

  /** Acts now, or as soon as the interval allows. */
  want(): void {
    this.#timer ??= setTimeout(() => this.flush(), Math.max(0, this.#notBeforeMs - performance.now()));
  }

  /** Acts now. */
  flush(): void {
    this.stop();
    this.#notBeforeMs = performance.now() + this.intervalMs;
    this.act();
  }

  /** Forgets what is still wanted. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
