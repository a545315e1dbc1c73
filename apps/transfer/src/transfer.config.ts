import { availableParallelism } from 'node:os';
import { librarySettings } from '@allibrary/library';
import { HostAndPort, SecretText, commonSettings, defineConfig, secret, setting } from '@allibrary/platform';
import { z } from 'zod';

const count = (fallback: number, most: number) =>
  z.coerce.number('must be a number').int().min(1).max(most).default(fallback);

/** The settings of transfer. */
export const transferConfig = defineConfig({
  ...commonSettings,
  ...librarySettings,
  carrierToken: secret(
    'ALLIBRARY_CARRIER_TOKEN',
    SecretText,
    'The secret by which transfer, p2p-node and gateway know each other.',
  ),
  carrier: setting('ALLIBRARY_TRANSFER_CARRIER', HostAndPort, 'Where this service waits for byte-streams.'),
  peerCarrier: setting('ALLIBRARY_P2P_CARRIER', HostAndPort, 'Where p2p-node gives byte-streams to peers.'),
  hashThreads: setting(
    'ALLIBRARY_HASH_THREADS',
    count(Math.min(availableParallelism(), 4), 64),
    'How many threads hash files: one for each core, and at most four, unless told otherwise.',
  ),
});

/** The settings' values. */
export type TransferConfig = ReturnType<typeof transferConfig.parse>;
