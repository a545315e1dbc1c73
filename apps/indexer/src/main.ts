import { run } from '@allibrary/platform';
import { indexerConfig } from './indexer.config.ts';
import { IndexerModule } from './indexer.module.ts';

await run({ service: 'indexer', config: indexerConfig, module: IndexerModule.with });
