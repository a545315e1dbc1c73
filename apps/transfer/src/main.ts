import { run } from '@allibrary/platform';
import { transfer } from './transfer.module.ts';

await run(transfer);
