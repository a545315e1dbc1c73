/** Cancels the responses that would never end by themselves, so that the server can close. */
export class Shutdown {
  readonly #controller = new AbortController();

  /** Aborts when the service stops. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(): void {
    this.#controller.abort(new Error('the gateway stops'));
  }
}
