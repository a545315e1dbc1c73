/** A node of tiny services as a process of its own, to be killed by tests: tiny-node.ts DATA [stubborn]. */
import { NodeRunner } from '../node/node-runner.ts';
import { aborted, stopRequests } from '../node/stop-requests.ts';
import { tinyPrograms } from './tiny-programs.ts';

const [data = '', manner] = process.argv.slice(2);
const programs = await tinyPrograms(data, { isStubborn: manner === 'stubborn' });
const runner = new NodeRunner(programs, data, console.log);
const stop = stopRequests(() => runner.kill());
await runner.start(stop);
await aborted(stop);
await runner.stop();
process.exit(0);
