/** Limits an action to one run an interval. A request within the interval runs the action at its end. */
export class Throttle {
  #timer: NodeJS.Timeout | undefined;
  #notBeforeMs = 0;

  constructor(
    private readonly intervalMs: number,
    private readonly act: () => void,
  ) {}

  /** Runs the action as soon as the interval allows. */
  request(): void {
    this.#timer ??= setTimeout(() => this.flush(), Math.max(0, this.#notBeforeMs - performance.now()));
  }

  /** Runs the action now. */
  flush(): void {
    this.cancel();
    this.#notBeforeMs = performance.now() + this.intervalMs;
    this.act();
  }

  /** Cancels the run that was requested. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
