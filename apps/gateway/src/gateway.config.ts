import { type ConfigOf, HostAndPort, Port, commonSettings, defineConfig, secret, setting } from '@allibrary/platform';
import { z } from 'zod';
import { ApiKeyText } from './auth/api-key.ts';

/** The settings of the gateway. */
export const gatewayConfig = defineConfig({
  ...commonSettings,
  httpPort: setting('ALLIBRARY_HTTP_PORT', Port.default(8080), 'The port of the REST interface and the web page.'),
  apiKey: secret(
    'ALLIBRARY_API_KEY',
    ApiKeyText.optional(),
    'The key that clients must show; without it one is made and kept in the file api-key of the data folder.',
  ),
  carrierToken: secret(
    'ALLIBRARY_CARRIER_TOKEN',
    z.string('must be set').min(1),
    'The secret that the services of one node share for their byte-streams.',
  ),
  transferCarrier: setting(
    'ALLIBRARY_TRANSFER_CARRIER',
    HostAndPort,
    'Where transfer listens for byte-streams, as host:port.',
  ),
});
export type GatewayConfig = ConfigOf<(typeof gatewayConfig)['settings']>;
