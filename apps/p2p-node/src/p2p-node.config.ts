import { MultiaddrText } from '@allibrary/contracts';
import { HostAndPort, Port, SecretText, commonSettings, defineConfig, secret, setting } from '@allibrary/platform';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { z } from 'zod';

const multiaddrs = (check: (text: string) => string | null) =>
  z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(
      z.array(
        MultiaddrText.superRefine((text, context) => {
          const problem = check(text);
          if (problem) context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} ${problem}` });
        }),
      ),
    );

/** The settings of p2p-node. */
export const p2pNodeConfig = defineConfig({
  ...commonSettings,
  p2pHost: setting(
    'ALLIBRARY_P2P_HOST',
    z.union([z.ipv4(), z.ipv6()], 'must be an IP address').default('0.0.0.0'),
    'The address on which peers are let in.',
  ),
  p2pPort: setting('ALLIBRARY_P2P_PORT', Port.default(6881), 'The one port that is open to peers; 0 takes any.'),
  bootstrap: setting(
    'ALLIBRARY_BOOTSTRAP',
    multiaddrs(problemOfPeerAddress),
    'The peers to meet first: multiaddrs that end in /p2p/<peer id>, with commas between them.',
  ),
  networkKeyFile: setting(
    'ALLIBRARY_NETWORK_KEY_FILE',
    z.string().min(1).optional(),
    'A file with the key of a private network: peers without it are not met, and learn nothing.',
  ),
  lan: setting(
    'ALLIBRARY_LAN',
    z.stringbool('must be true or false').default(true),
    'Whether libraries on the LAN may be looked for at all; the settings turn it on and off at run time.',
  ),
  announce: setting(
    'ALLIBRARY_ANNOUNCE',
    multiaddrs(problemOfAddress),
    'The addresses to tell peers instead of those that this machine sees: multiaddrs, with commas between them.',
  ),
  carrierToken: secret(
    'ALLIBRARY_CARRIER_TOKEN',
    SecretText,
    'The secret by which transfer, p2p-node and gateway know each other.',
  ),
  carrier: setting('ALLIBRARY_P2P_CARRIER', HostAndPort, 'Where this service gives byte-streams to peers.'),
  transferCarrier: setting('ALLIBRARY_TRANSFER_CARRIER', HostAndPort, 'Where transfer waits for byte-streams.'),
});

/** The settings' values. */
export type P2pNodeConfig = ReturnType<typeof p2pNodeConfig.parse>;

function problemOfAddress(text: string): string | null {
  try {
    multiaddr(text);
    return null;
  } catch {
    return 'is not a multiaddr, like /ip4/192.0.2.1/tcp/6881';
  }
}

function problemOfPeerAddress(text: string): string | null {
  const problem = problemOfAddress(text);
  if (problem) return problem;
  try {
    peerIdFromString(/\/p2p\/([^/]+)$/.exec(text)?.[1] ?? '');
    return null;
  } catch {
    return 'does not end in /p2p/<peer id>';
  }
}
