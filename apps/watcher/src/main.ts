import { run } from '@allibrary/platform';
import { watcher } from './watcher.ts';

await run(watcher);
