import { once } from 'node:events';
import { createServer } from 'node:net';

// Below what kernels give to outgoing connections (from 32768 on): one of those may take a port before its service does.
// Above the last port that `fetch` refuses.
const LOWEST = 11_000;
const COUNT = 21_000;
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
    throw new Error(
      `Every port of ${host} from ${LOWEST} to ${LOWEST + COUNT - 1} is in use. Stop a program that listens there.`,
    );
  }

  async #claim(port: number, host: string): Promise<boolean> {
    if (this.#given.has(port) || (await whyNotOpen(port, host)) !== undefined) return false;
    this.#given.add(port);
    return true;
  }
}

/** Ports above 1023 to which browsers and Node's `fetch` never connect: https://fetch.spec.whatwg.org/#port-blocking */
const BLOCKED = new Set([
  1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080,
]);

/** Whether HTTP clients refuse to connect to a port. */
export const isBlocked = (port: number): boolean => BLOCKED.has(port);

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
