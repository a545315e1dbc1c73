import {
  type ConfigOf,
  HostAndPort,
  Port,
  SecretText,
  commonSettings,
  defineConfig,
  secret,
  setting,
} from '@allibrary/platform';

/** The settings of the gateway. */
export const gatewayConfig = defineConfig({
  ...commonSettings,
  httpPort: setting('ALLIBRARY_HTTP_PORT', Port.default(8080), 'The port of the REST interface and the web page.'),
  apiKey: secret(
    'ALLIBRARY_API_KEY',
    SecretText.optional(),
    'The key that clients must show; without it one is made and kept in the file api-key of the data folder.',
  ),
  carrierToken: secret(
    'ALLIBRARY_CARRIER_TOKEN',
    SecretText,
    'The secret that the services of one node share for their byte-streams.',
  ),
  transferCarrier: setting(
    'ALLIBRARY_TRANSFER_CARRIER',
    HostAndPort,
    'Where transfer listens for byte-streams, as host:port.',
  ),
});
export type GatewayConfig = ConfigOf<(typeof gatewayConfig)['settings']>;
