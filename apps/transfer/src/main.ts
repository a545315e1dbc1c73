import { run } from '@allibrary/platform';
import { transferConfig } from './transfer.config.ts';
import { TransferModule } from './transfer.module.ts';

await run({ service: 'transfer', config: transferConfig, module: (config) => TransferModule.with(config) });
