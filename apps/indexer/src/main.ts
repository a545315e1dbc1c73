import { run } from '@allibrary/platform';
import { indexerService } from './indexer.module.ts';

await run(indexerService);
