import { type Foundations, ReadModel, serviceModule } from '@allibrary/platform';
import type { DynamicModule } from '@nestjs/common';
import { composeP2pNode } from './compose-p2p-node.ts';
import { DocumentConsumer } from './dht/announcing/document.consumer.ts';
import { CurrentNetwork } from './network/current-network.ts';
import { type P2pNodeConfig, p2pNodeConfig } from './p2p-node.config.ts';
import { NetworkResponder } from './status/network.responder.ts';

async function p2pNodeModule(config: P2pNodeConfig, foundations: Foundations): Promise<DynamicModule> {
  const node = await composeP2pNode(config, foundations);
  return serviceModule(node, {
    controllers: [DocumentConsumer, NetworkResponder],
    providers: [
      { provide: CurrentNetwork, useValue: node.network },
      { provide: ReadModel, useValue: node.readModel },
    ],
  });
}

/** p2p-node: owns the network and the one open port. */
export const p2pNodeService = { service: 'p2p-node', config: p2pNodeConfig, module: p2pNodeModule };
