import { run } from '@allibrary/platform';
import { p2pNodeConfig } from './p2p-node.config.ts';
import { P2pNodeModule } from './p2p-node.module.ts';

await run({ service: 'p2p-node', config: p2pNodeConfig, module: (config) => P2pNodeModule.with(config) });
