import { RequestFailure } from '@allibrary/messaging';
import type { NetworkProfile } from './profile.ts';
import type { Network } from './start-network.ts';

/** A restart takes about a second. The limit is below that of every request, so that the asker gets the error. */
const WAIT_LIMIT_MS = 3_000;

/** No network ran within the time limit, or it was closed while it was used. Trying later helps. */
export class NetworkRestarting extends RequestFailure {
  constructor(options?: ErrorOptions) {
    super('unavailable', 'The network is restarting. Try again in a few seconds.', options);
  }
}

/** The network of this process: consumers and responders use the one that runs, and wait while it is replaced. */
export class CurrentNetwork {
  readonly #closing = new AbortController();
  #profile: NetworkProfile;
  #running: Network | undefined;
  #started = pending<Network>();
  #change: Promise<unknown> = Promise.resolve();
  readonly #onReplaced = new Set<() => void>();

  constructor(
    profile: NetworkProfile,
    private readonly start: (profile: NetworkProfile, signal: AbortSignal) => Promise<Network>,
    private readonly waitLimitMs = WAIT_LIMIT_MS,
  ) {
    this.#profile = profile;
  }

  /** Undefined while there is none. */
  get running(): Network | undefined {
    return this.#running;
  }

  /** Calls the listener after each start. */
  onReplaced(listener: () => void): void {
    this.#onReplaced.add(listener);
  }

  /** Starts the network; ends the one that runs before. When it fails, nothing runs until the next call succeeds. */
  restart(): Promise<void> {
    return this.#inTurn(() => this.#replace(this.#profile));
  }

  /** Ends the network and starts that of another profile. */
  replace(profile: NetworkProfile): Promise<void> {
    return this.#inTurn(() => this.#replace(profile));
  }

  /** Ends the network for good. */
  close(): Promise<void> {
    this.#closing.abort(new NetworkRestarting());
    this.#started.reject(new NetworkRestarting());
    return this.#inTurn(() => this.#end());
  }

  /** Runs work on the network. Throws {@link NetworkRestarting} when none runs in time, or when it ends meanwhile. */
  async use<T>(work: (network: Network) => T | Promise<T>): Promise<T> {
    const network = await this.#whenRunning();
    try {
      return await work(network);
    } catch (cause) {
      throw network.closing.aborted ? new NetworkRestarting({ cause }) : cause;
    }
  }

  /** Like {@link use} for a series of results; the signal passed to the work also ends with the network. */
  async *stream<T>(
    signal: AbortSignal,
    work: (network: Network, signal: AbortSignal) => AsyncIterable<T>,
  ): AsyncGenerator<T, void> {
    const network = await this.#whenRunning();
    try {
      yield* work(network, AbortSignal.any([signal, network.closing]));
    } catch (cause) {
      throw network.closing.aborted ? new NetworkRestarting({ cause }) : cause;
    }
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const result = this.#change.then(change);
    this.#change = result.catch(() => {}); // the caller gets the error; the next change is made anyway
    return result;
  }

  async #replace(profile: NetworkProfile): Promise<void> {
    this.#closing.signal.throwIfAborted();
    await this.#end();
    this.#profile = profile;
    this.#running = await this.start(profile, this.#closing.signal);
    this.#started.resolve(this.#running);
    for (const listener of this.#onReplaced) listener();
  }

  async #end(): Promise<void> {
    const network = this.#running;
    if (!network) return;
    this.#running = undefined;
    this.#started = pending();
    await network.close();
  }

  async #whenRunning(): Promise<Network> {
    if (this.#running) return this.#running;
    this.#closing.signal.throwIfAborted();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new NetworkRestarting()), this.waitLimitMs);
    try {
      return await Promise.race([this.#started.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A promise that nobody need wait for. */
function pending<T>(): PromiseWithResolvers<T> {
  const resolvers = Promise.withResolvers<T>();
  resolvers.promise.catch(() => {});
  return resolvers;
}
