import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@allibrary/platform';
import type { OnRecordRefused } from '../dht/keeping/kad-storage.ts';
import type { PeerGuard } from '../gate/peer-guard.ts';
import { loadIdentity } from './identity.ts';
import type { DatastoreLog } from './host-datastore.ts';
import { type Libp2pHost, startLibp2pHost } from './libp2p-host.ts';
import { loadNetworkKey } from './network-key.ts';
import type { NetworkProfile } from './profile.ts';

/** Receives what happens to the host. */
export interface HostReports {
  readonly logger: Logger;
  readonly onRecordRefused: OnRecordRefused;
}

/** Opens the port of a profile, with the identity and the datastore of its files, behind the guard. */
export async function openHost(
  { files, listen, networkKeyFile, transports, services }: NetworkProfile,
  guard: PeerGuard,
  { logger, onRecordRefused }: HostReports,
): Promise<Libp2pHost> {
  return startLibp2pHost({
    identity: {
      privateKey: await loadIdentity(files.identityKey),
      networkKey: networkKeyFile ? await loadNetworkKey(networkKeyFile) : undefined,
      agent: `allibrary-seedbox/${ownVersion()}`,
    },
    listen,
    storage: {
      datastore: files.datastore,
      log: datastoreLog(files.datastore, logger),
      providerRecords: files.providerRecords,
    },
    guard,
    observer: {
      onProblem: (component, problem) => logger.debug({ component, problem }, 'problem inside libp2p'),
      onRecordRefused,
    },
    transports,
    services,
  });
}

const datastoreLog = (file: string, logger: Logger): DatastoreLog => ({
  damaged: (reason) => logger.warn({ file, reason }, 'peer datastore damaged: peers are found again'),
  unwritable: (reason) => logger.warn({ file, reason }, 'peer datastore not writable: kept in memory, retrying'),
  writableAgain: () => logger.info({ file }, 'peer datastore writable again'),
});

function ownVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
