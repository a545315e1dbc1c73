import { join } from 'node:path';
import type { P2pNodeConfig } from '../p2p-node.config.ts';

/** Transports that a profile may use. */
export type Transport = 'tcp';

/** Services that reveal or look for addresses outside of a connection; a profile names those that it may run. */
export type AddressService = 'interface-addresses' | 'lan-discovery';

/** The files of one profile. Two profiles never share one. */
export interface ProfileFiles {
  readonly identityKey: string;
  readonly datastore: string;
  readonly knownPeers: string;
  readonly providerRecords: string;
  readonly announcements: string;
}

/** Where the host listens, and which addresses it announces instead of those that it sees. */
export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  readonly announce: readonly string[];
}

/** Everything that distinguishes one network from another. */
export interface NetworkProfile {
  readonly name: string;
  readonly files: ProfileFiles;
  readonly listen: ListenOptions;
  readonly bootstrap: readonly string[];
  /** Key file of a private network. */
  readonly networkKeyFile: string | undefined;
  readonly transports: readonly Transport[];
  readonly services: readonly AddressService[];
}

/** The profile that reaches peers by this machine's own addresses. */
export function directProfile(config: P2pNodeConfig): NetworkProfile {
  const folder = join(config.dataDir, 'p2p-node');
  return {
    name: 'direct',
    // The key stays outside of the profile's folder: backups, their documentation and a restore name this place.
    files: { ...profileFiles(join(folder, 'direct')), identityKey: join(folder, 'identity.key') },
    listen: { host: config.p2pHost, port: config.p2pPort, announce: config.announce },
    bootstrap: config.bootstrap,
    networkKeyFile: config.networkKeyFile,
    transports: ['tcp'],
    services: mayUseLan(config) ? ['interface-addresses', 'lan-discovery'] : ['interface-addresses'],
  };
}

const profileFiles = (folder: string): ProfileFiles => ({
  identityKey: join(folder, 'identity.key'),
  datastore: join(folder, 'peers.sqlite'),
  knownPeers: join(folder, 'known-peers.json'),
  providerRecords: join(folder, 'provider-records.sqlite'),
  announcements: join(folder, 'announcements.sqlite'),
});

/**
 * A node that listens on loopback only has no LAN. Multicast reveals the peer id and the addresses to everybody on the
 * LAN, and nobody outside of a private network may learn them.
 */
const mayUseLan = ({ lan, networkKeyFile, p2pHost }: P2pNodeConfig): boolean =>
  lan && !networkKeyFile && !p2pHost.startsWith('127.') && p2pHost !== '::1';
