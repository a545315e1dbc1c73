import type { OnModuleDestroy } from '@nestjs/common';

/** Ends the answers that would never end by themselves, so that the server can close. */
export class Shutdown implements OnModuleDestroy {
  readonly #controller = new AbortController();

  /** Aborts when the service stops. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  onModuleDestroy(): void {
    this.#controller.abort(new Error('the gateway stops'));
  }
}
