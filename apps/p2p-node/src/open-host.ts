import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger, Metrics } from '@allibrary/platform';
import { countRecordOffences } from './dht/dht-metrics.ts';
import { loadIdentity } from './network/identity.ts';
import { type Libp2pHost, startLibp2pHost } from './network/libp2p-host.ts';
import { loadNetworkKey } from './network/network-key.ts';
import type { P2pNodeConfig } from './p2p-node.config.ts';
import type { PeerGuard } from './gate/peer-guard.ts';

/** Opens the port of this node, with what its folder keeps, behind the guard. */
export async function openHost(
  config: P2pNodeConfig,
  logger: Logger,
  metrics: Metrics,
  strangers: PeerGuard,
): Promise<Libp2pHost> {
  const folder = join(config.dataDir, 'p2p-node');
  const host = await startLibp2pHost({
    gate: strangers.gate,
    networkKey: config.networkKeyFile ? await loadNetworkKey(config.networkKeyFile) : undefined,
    privateKey: await loadIdentity(join(folder, 'identity.key')),
    host: config.p2pHost,
    port: config.p2pPort,
    announce: config.announce,
    datastoreFile: join(folder, 'peers.sqlite'),
    datastoreLog: {
      damaged: (reason) => logger.warn({ folder, reason }, 'peer datastore damaged: peers are found again'),
      unwritable: (reason) => logger.warn({ folder, reason }, 'peer datastore not writable: kept in memory, retrying'),
      writableAgain: () => logger.info({ folder }, 'peer datastore writable again'),
    },
    agent: `allibrary-seedbox/${ownVersion()}`,
    onProblem: (component, problem) => logger.debug({ component, problem }, 'libp2p met a problem, and goes on'),
    onRecordOffence: countRecordOffences(metrics),
  });
  strangers.guard(host);
  return host;
}

function ownVersion(): string {
  const text = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
