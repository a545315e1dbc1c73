import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import { addressOf } from '../addresses/address.ts';
import { DialableAddresses } from '../addresses/dialable-addresses.ts';
import { DialBudget, type DialRates } from './dial-budget.ts';
import { type AdmissionLimits, FairAdmission } from './fair-admission.ts';
import { type LimitKeys, limitKeysOf } from './limit-keys.ts';
import type { PeerScores } from './peer-scores.ts';
import { watchReceivedBytes } from '../streams/received-bytes.ts';
import { type Rate, RateLimit } from './rate-limit.ts';
import type { PeerRules } from './peer-rules.ts';

/** Limits of the open port for one address, one subnet and one peer. */
export interface GateLimits {
  readonly perAddress: number;
  readonly perSubnet: number;
  readonly perPeer: number;
  /** Inbound connections after their handshake; beyond it the least missed one is closed. */
  readonly inTotal: number;
  /** Connections whose handshake is not complete; the holder is an address. */
  readonly handshakes: AdmissionLimits;
  readonly newPerAddress: Rate;
  readonly unverifiedDials: DialRates;
}

/** The limits of a node. */
export const GATE_LIMITS: GateLimits = {
  perAddress: 48,
  perSubnet: 96,
  perPeer: 3,
  inTotal: 300,
  handshakes: { perHolder: 8, perSubnet: 16, inTotal: 64 },
  newPerAddress: { burst: 40, perMinute: 120 },
  unverifiedDials: { perHost: { burst: 24, perMinute: 12 }, inTotal: { burst: 120, perMinute: 120 } },
};

/** Why a connection was refused, or an address not dialled. The names are labels of a metric. */
export const REFUSALS = [
  'denied-address',
  'denied-peer',
  'kept-out-peer',
  'too-often',
  'too-many-handshakes',
  'handshake-too-long',
  'too-many-of-address',
  'too-many-of-subnet',
  'too-many-of-peer',
  'too-many-in-total',
  'dials-from-hearsay',
  'out-of-scope',
] as const;
export type Refusal = (typeof REFUSALS)[number];

const MOST_ADDRESSES = 10_000;
/** Bytes that a handshake may receive. An honest one needs about 4 KiB. */
const MOST_HANDSHAKE_BYTES = 65_536;

/** What the gate is made of. */
export interface ConnectionGateOptions {
  readonly rules: PeerRules;
  readonly scores: PeerScores;
  readonly limits?: GateLimits;
  readonly now: () => number;
  readonly onRefused: (reason: Refusal) => void;
  /** Closes the least missed connection; returns false when none may be closed. */
  readonly makeRoom: () => boolean;
}

/** Decides which connections are accepted and which addresses are dialled. A refusal by address costs no handshake. */
export class ConnectionGate implements ConnectionGater {
  readonly #limits: GateLimits;
  readonly #newOfAddress: RateLimit;
  readonly #unverifiedDials: DialBudget;
  readonly #handshakes: FairAdmission<MultiaddrConnection>;
  readonly #ofAddress = new Tally<MultiaddrConnection>();
  readonly #ofSubnet = new Tally<MultiaddrConnection>();
  readonly #ofPeer = new Tally<MultiaddrConnection>();
  /** The addresses that may be dialled. */
  readonly addresses = new DialableAddresses();
  /** Addresses that the operator gave, or at which a peer has answered: the dial budget does not apply to them. */
  readonly #proven = new Set<string>();
  #isClosed = false;

  constructor(private readonly options: ConnectionGateOptions) {
    this.#limits = options.limits ?? GATE_LIMITS;
    this.#handshakes = new FairAdmission(this.#limits.handshakes);
    this.#newOfAddress = new RateLimit(this.#limits.newPerAddress, MOST_ADDRESSES);
    this.#unverifiedDials = new DialBudget(this.#limits.unverifiedDials);
  }

  /** Refuses every connection from now on: the network is closing. */
  close(): void {
    this.#isClosed = true;
  }

  /** Exempts an address that the operator gave from scopes and from the dial budget. */
  name(address: Multiaddr): void {
    this.addresses.name(address);
    this.prove(address);
  }

  /** Whether a socket may connect to this IP address of a host name. */
  readonly permitsResolved = (host: string, ip: string): boolean => {
    if (this.options.rules.isDeniedAddress(ip)) return !this.#refuse('denied-address');
    return this.addresses.permitsResolved(host, ip) || !this.#refuse('out-of-scope');
  };

  /** Exempts an address from the dial budget. */
  prove(address: Multiaddr): void {
    const key = addressOf(address).socket;
    this.#proven.delete(key);
    this.#proven.add(key);
    if (this.#proven.size > MOST_ADDRESSES) this.#proven.delete(this.#proven.values().next().value as string);
  }

  readonly denyInboundConnection = (connection: MultiaddrConnection): boolean => {
    if (this.#isClosed) return true;
    const address = addressOf(connection.remoteAddr);
    const keys = limitKeysOf(address);
    if (!keys) return this.#refuse('out-of-scope');
    if (this.options.rules.denies(address)) return this.#refuse('denied-address');
    if (this.options.rules.allows(address)) return false;
    const { host, subnet } = keys;
    if (!this.#newOfAddress.take(host, this.options.now())) return this.#refuse('too-often');
    if (this.#ofAddress.of(host) >= this.#limits.perAddress) return this.#refuse('too-many-of-address');
    if (this.#ofSubnet.of(subnet) >= this.#limits.perSubnet) return this.#refuse('too-many-of-subnet');
    this.#beginHandshake(connection, keys);
    this.#ofAddress.add(connection, host);
    this.#ofSubnet.add(connection, subnet);
    connection.addEventListener('close', () => this.#forget(connection));
    return false;
  };

  readonly denyInboundEncryptedConnection = (peer: PeerId, connection: MultiaddrConnection): boolean => {
    const peerId = peer.toString();
    if (this.#isUnwelcome(peerId)) return true;
    if (this.options.rules.isAllowed(peerId)) return false;
    if (this.#ofPeer.of(peerId) >= this.#limits.perPeer) return this.#refuse('too-many-of-peer');
    if (this.#ofPeer.size >= this.#limits.inTotal && !this.options.makeRoom()) return this.#refuse('too-many-in-total');
    this.#ofPeer.add(connection, peerId);
    connection.addEventListener('close', () => this.#ofPeer.delete(connection));
    return false;
  };

  /** The handshake is complete when the connection is encrypted and multiplexed. */
  readonly denyInboundUpgradedConnection = (_: PeerId, connection: MultiaddrConnection): boolean => {
    this.#handshakes.release(connection);
    return false;
  };

  readonly denyDialPeer = (peer: PeerId): boolean => this.#isUnwelcome(peer.toString());

  readonly denyOutboundEncryptedConnection = (peer: PeerId, connection: MultiaddrConnection): boolean => {
    if (this.#isUnwelcome(peer.toString())) return true;
    this.prove(connection.remoteAddr);
    return false;
  };

  readonly denyDialMultiaddr = (multiaddr: Multiaddr): boolean => {
    const address = addressOf(multiaddr);
    if (this.options.rules.denies(address)) return this.#refuse('denied-address');
    if (!this.addresses.permits(multiaddr)) return this.#refuse('out-of-scope');
    if (this.#proven.has(address.socket) || this.options.rules.allows(address)) return false;
    const keys = limitKeysOf(address);
    if (!keys) return this.#refuse('out-of-scope');
    return this.#unverifiedDials.take(keys.host, this.options.now()) ? false : this.#refuse('dials-from-hearsay');
  };

  #isUnwelcome(peerId: string): boolean {
    if (this.options.rules.isDenied(peerId)) return this.#refuse('denied-peer');
    if (this.options.rules.isAllowed(peerId)) return false;
    return this.options.scores.isBanned(peerId) && this.#refuse('kept-out-peer');
  }

  #refuse(reason: Refusal): true {
    this.options.onRefused(reason);
    return true;
  }

  /** The newest handshake always gets a place: connections that stay silent cannot keep others out. */
  #beginHandshake(connection: MultiaddrConnection, { host, subnet }: LimitKeys): void {
    const admission = this.#handshakes.admitNewest(connection, { holder: host, subnet });
    if ('evicted' in admission) {
      this.#refuse('too-many-handshakes');
      admission.evicted.abort(new Error('too many handshakes'));
    }
    let received = 0;
    watchReceivedBytes(connection, (bytes) => {
      received += bytes;
      if (received <= MOST_HANDSHAKE_BYTES || !this.#handshakes.has(connection)) return true;
      this.#refuse('handshake-too-long');
      connection.abort(new Error('the handshake is too long'));
      return false;
    });
  }

  #forget(connection: MultiaddrConnection): void {
    this.#handshakes.release(connection);
    this.#ofAddress.delete(connection);
    this.#ofSubnet.delete(connection);
  }
}

/** Counts things by a key that each of them has. */
class Tally<T> {
  readonly #keyOf = new Map<T, string>();
  readonly #counts = new Map<string, number>();

  get size(): number {
    return this.#keyOf.size;
  }

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(thing: T, key: string): void {
    this.#keyOf.set(thing, key);
    this.#counts.set(key, this.of(key) + 1);
  }

  delete(thing: T): void {
    const key = this.#keyOf.get(thing);
    if (key === undefined) return;
    this.#keyOf.delete(thing);
    if (this.of(key) > 1) this.#counts.set(key, this.of(key) - 1);
    else this.#counts.delete(key);
  }
}
