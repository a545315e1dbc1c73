/** `node container.js NAME`: the entry point of a container becomes the service of that name. */
import process from 'node:process';
import { becomeService } from './service-process.ts';

becomeService(process.argv[2] ?? '');
