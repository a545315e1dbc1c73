import { run } from '@allibrary/platform';
import { gatewayService } from './gateway.module.ts';

await run(gatewayService);
