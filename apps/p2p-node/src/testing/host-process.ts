/** A host in a process of its own, for tests that kill it: `node host-process.ts <folder> <port>`. */
import { startHostIn } from './hosts.ts';

const [folder = '', port = '0'] = process.argv.slice(2);
const host = await startHostIn(folder, Number(port));
await host.handle('/allibrary/search/1.0.0', (stream) => stream.abort(new Error('it has no index')));
process.send?.(host.getMultiaddrs().map(String));
process.on('disconnect', () => process.exit()); // the test is gone
