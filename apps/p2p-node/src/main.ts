import { run } from '@allibrary/platform';
import { p2pNodeService } from './p2p-node.module.ts';

await run(p2pNodeService);
