import { once } from 'node:events';
import { createServer } from 'node:net';

// Below what kernels give to outgoing connections (from 32768 on): one of those may take a port before its service does.
const LOWEST = 10_000;
const COUNT = 22_000;
const PORTS_OF_A_NODE = 16;

/** Hands out ports that nobody listens on, none of them twice. */
export class FreePorts {
  readonly #given = new Set<number>();
  #next: number;

  /** Processes that look at the same time begin at different places, so that they do not find the same. */
  constructor(seed = process.pid) {
    this.#next = (seed * PORTS_OF_A_NODE) % COUNT;
  }

  /** The wanted port if it is free, else any free one; 0 asks for any. */
  async take(wanted = 0, host = '127.0.0.1'): Promise<number> {
    if (wanted !== 0 && (await this.#claim(wanted, host))) return wanted;
    for (let tried = 0; tried < COUNT; tried++) {
      const port = LOWEST + this.#next;
      this.#next = (this.#next + 1) % COUNT;
      if (await this.#claim(port, host)) return port;
    }
    throw new Error(`No port of ${host} is free.`);
  }

  async #claim(port: number, host: string): Promise<boolean> {
    if (this.#given.has(port) || (await whyNotOpen(port, host)) !== undefined) return false;
    this.#given.add(port);
    return true;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program',
  EACCES: 'may be opened by root only',
  EADDRNOTAVAIL: 'is no address of this machine',
  ENOTFOUND: 'is no address of this machine',
};

/** Why a port can't be opened, or undefined when it can. */
export async function whyNotOpen(port: number, host: string): Promise<string | undefined> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    server.close();
    await once(server, 'close');
    return undefined;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    return REASONS[code] ?? `can't be opened (${code})`;
  }
}
