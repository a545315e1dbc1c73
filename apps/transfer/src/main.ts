import { run } from '@allibrary/platform';
import { transferService } from './transfer.module.ts';

await run(transferService);
