import { run } from '@allibrary/platform';
import { gateway } from './gateway.ts';

await run(gateway);
