/** `npm start`: builds, then runs a whole node until it is stopped. */
import { join } from 'node:path';
import { becomeService, collectWhenQuiet } from '@allibrary/platform/files';
import { build } from './setup/build.ts';
import { lockDataFolder } from './setup/data-lock.ts';
import { findNatsServer } from './nats-server/nats-server.ts';
import { projectCache } from './nats-server/program-cache.ts';
import { NodeRunner } from './node/node-runner.ts';
import { findReaders } from './readers/readers.ts';
import { type Folders, prepareFolders } from './setup/folders.ts';
import { type Options, UsageError, asksForHelp, asksForVersion, helpText, readOptions } from './setup/options.ts';
import { type PortPlan, planPorts } from './setup/port-plan.ts';
import { planServices } from './services/programs.ts';
import { markNewNode } from './setup/new-node.ts';
import { untilRoom } from './setup/room.ts';
import { aborted, stopRequests } from './node/stop-requests.ts';
import { versionText } from './setup/version.ts';
import { welcome } from './node/welcome.ts';

const print = (line: string): void => console.log(line);

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) {
    print(helpText());
    return 0;
  }
  if (asksForVersion(args)) {
    print(versionText());
    return 0;
  }
  const options = readOptions(args, process.env);
  const isSource = process.argv[1]?.endsWith('.ts');
  if (isSource) return becomeBuilt(args);
  const folders = prepareFolders(options, process.env['INIT_CWD'] ?? process.cwd());
  await untilRoom(folders.data, print); // the lock and the secrets are files, too
  const unlock = lockDataFolder(folders.data);
  try {
    const ports = await planPorts(options, process.env['ALLIBRARY_P2P_HOST'] || '0.0.0.0');
    return await runNode(options, folders, ports);
  } finally {
    unlock();
  }
}

/** Builds when there is anything to build, and goes on as the built program: run from source it takes twice the memory. */
async function becomeBuilt(args: readonly string[]): Promise<number> {
  const stop = stopRequests(() => process.exit(130));
  print('Building …');
  await build();
  if (stop.aborted) return 0;
  return becomeService('supervisor', args);
}

async function runNode(options: Options, folders: Folders, ports: PortPlan): Promise<number> {
  let runner: NodeRunner | undefined;
  const stop = stopRequests(() => (runner ? runner.kill() : process.exit(130)));
  try {
    markNewNode(folders.data);
    const nats = await prepareNats(options, folders.data, ports.nats);
    const readers = process.env['ALLIBRARY_READERS'] ? undefined : await prepareReaders(folders.data);
    const services = planServices({ options, ...folders, ports, readers, nats });
    runner = new NodeRunner({ nats, services }, folders.data, print);
    print('Starting the services …');
    await runner.start(stop);
    print(await welcome(services, folders));
    collectWhenQuiet();
    await aborted(stop);
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    print('Stopping …');
    await runner?.stop();
  }
  print('Stopped.');
  return 0;
}

const prepareReaders = (data: string) =>
  findReaders(process.env['ALLIBRARY_OCR'] === 'true', print, [
    projectCache('readers'),
    join(programsIn(data), 'readers'),
  ]);

async function prepareNats({ 'nats-url': url, natsToken: token }: Options, data: string, port: number) {
  if (url) return { url, token };
  const { planNats } = await import('./bus/bus-plan.ts'); // it uses what the build makes
  return planNats(await findNatsServer(print, [projectCache('nats-server'), programsIn(data)]), data, port);
}

/** Where the node keeps programs that it obtains, if the project belongs to another user. */
const programsIn = (data: string): string => join(data, 'programs');

process.exit(
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return error instanceof UsageError ? 2 : 1;
  }),
);
