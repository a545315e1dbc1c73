import { expect, test } from 'vitest';
import { p2pNodeConfig } from './p2p-node.config.ts';

const NEEDED = {
  ALLIBRARY_DATA: '/data',
  ALLIBRARY_CARRIER_TOKEN: 'sixteen-characters',
  ALLIBRARY_P2P_CARRIER: '127.0.0.1:7001',
  ALLIBRARY_TRANSFER_CARRIER: '127.0.0.1:7002',
};
const PEER = '/ip4/192.0.2.1/tcp/6881/p2p/12D3KooWNdo99M3qz7mVgCsn89Uh9V2xztpViKtdvMZ7Dv1fsexq';

test('what is not given has its default', () => {
  expect(p2pNodeConfig.parse(NEEDED)).toMatchObject({ p2pHost: '0.0.0.0', p2pPort: 6881, bootstrap: [], announce: [] });
});

test('addresses are read from lists', () => {
  const config = p2pNodeConfig.parse({
    ...NEEDED,
    ALLIBRARY_BOOTSTRAP: ` ${PEER} , ${PEER},`,
    ALLIBRARY_ANNOUNCE: '/dns4/library.example/tcp/6881',
  });
  expect(config).toMatchObject({ bootstrap: [PEER, PEER], announce: ['/dns4/library.example/tcp/6881'] });
});

test('every problem is named at once, with the setting and the value', () => {
  const parse = () =>
    p2pNodeConfig.parse({
      ...NEEDED,
      ALLIBRARY_BOOTSTRAP: 'nonsense,/ip4/192.0.2.1/tcp/1,/ip4/192.0.2.1/tcp/1/p2p/nobody',
      ALLIBRARY_ANNOUNCE: '/ip4/300.0.2.1/tcp/1',
      ALLIBRARY_P2P_PORT: '70000',
      ALLIBRARY_P2P_HOST: 'localhost',
    });
  expect(parse).toThrow('"nonsense" is not a multiaddr');
  expect(parse).toThrow('"/ip4/192.0.2.1/tcp/1" does not end in /p2p/<peer id>');
  expect(parse).toThrow('"/ip4/192.0.2.1/tcp/1/p2p/nobody"');
  expect(parse).toThrow('ALLIBRARY_ANNOUNCE "/ip4/300.0.2.1/tcp/1" is not a multiaddr');
  expect(parse).toThrow('ALLIBRARY_P2P_PORT');
  expect(parse).toThrow('ALLIBRARY_P2P_HOST must be an IP address');
});
