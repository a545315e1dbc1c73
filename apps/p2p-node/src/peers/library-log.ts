import type { LogSums, Logger } from '@allibrary/platform';
import type { IdentifyResult, PeerId } from '@libp2p/interface';
import { RateLimit } from '../gate/rate-limit.ts';
import type { Libp2pHost } from '../network/libp2p-host.ts';
import { SEARCH } from '../protocols/library-protocols.ts';

/** Changes that are logged one by one; beyond this rate they are only counted. */
const LINES = { burst: 40, perMinute: 10 };
const MOST_AGENT_CHARACTERS = 64;

/** Logs each library that connects or disconnects. */
export class LibraryLog {
  readonly #connectedAtMs = new Map<string, number>();
  readonly #lines = new RateLimit(LINES, 1);
  readonly #sums: LogSums;

  constructor(
    private readonly host: Libp2pHost,
    private readonly logger: Logger,
    private readonly now: () => number,
  ) {
    this.#sums = logger.sums('info', { what: 'changes of connected libraries' });
  }

  start(): void {
    this.host.addEventListener('peer:identify', this.#onIdentify);
    this.host.addEventListener('peer:disconnect', this.#onDisconnect);
  }

  close(): void {
    this.host.removeEventListener('peer:identify', this.#onIdentify);
    this.host.removeEventListener('peer:disconnect', this.#onDisconnect);
    this.#sums.flush();
  }

  readonly #onIdentify = ({ detail }: { detail: IdentifyResult }): void => {
    const peerId = detail.peerId.toString();
    if (!detail.protocols.includes(SEARCH.protocol) || this.#connectedAtMs.has(peerId)) return;
    const { connection, agentVersion } = detail;
    if (connection.status !== 'open') return; // the disconnect event came before identify
    this.#connectedAtMs.set(peerId, this.now());
    const { direction, remoteAddr } = connection;
    const agent = agentVersion?.slice(0, MOST_AGENT_CHARACTERS);
    this.#log('connected', { peerId, direction, address: remoteAddr.toString(), agent });
  };

  readonly #onDisconnect = ({ detail: peer }: { detail: PeerId }): void => {
    const peerId = peer.toString();
    const connectedAtMs = this.#connectedAtMs.get(peerId);
    if (connectedAtMs === undefined) return;
    this.#connectedAtMs.delete(peerId);
    this.#log('disconnected', { peerId, minutes: Math.round((this.now() - connectedAtMs) / 60_000) });
  };

  #log(change: 'connected' | 'disconnected', fields: Record<string, unknown>): void {
    const message = `library ${change}`;
    const libraries = this.#connectedAtMs.size;
    if (this.#lines.take('', this.now())) this.logger.info({ ...fields, libraries }, message);
    else this.#sums.add(change, fields, message);
  }
}
