/** `npm start`: builds, then runs a whole node until it is told to stop. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../../../tools/build.ts';
import { lockDataFolder } from './data-lock.ts';
import { findNatsServer } from './nats-server.ts';
import { NodeRunner } from './node-runner.ts';
import { type Options, UsageError, asksForHelp, helpText, prepareFolders, readOptions } from './options.ts';
import { freePort } from './ports.ts';
import { type ServiceProgram, planNats, planServices } from './programs.ts';

const say = (line: string): void => console.log(line);

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) {
    say(helpText());
    return 0;
  }
  const options = readOptions(args, process.env);
  const folders = prepareFolders(options, process.env['INIT_CWD'] ?? process.cwd());
  const unlock = lockDataFolder(folders.data);
  try {
    return await runNode(options, folders);
  } finally {
    unlock();
  }
}

async function runNode(options: Options, folders: { library: string; data: string }): Promise<number> {
  const stop = new AbortController();
  const running: NodeRunner[] = [];
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted && signal === 'SIGINT') for (const runner of running) runner.kill();
      stop.abort();
    });
  }
  say('Building …');
  await build();
  const nats = await prepareNats(options, folders.data);
  const services = await planServices({ options, ...folders, nats });
  const runner = new NodeRunner({ nats, services }, folders.data, say);
  running.push(runner);
  try {
    say('Starting the services …');
    await runner.start(stop.signal);
    say(await welcome(services, folders));
    await stopped(stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    say('Stopping …');
    await runner.stop();
  }
  say('Stopped.');
  return 0;
}

async function prepareNats({ 'nats-url': url, natsToken: token }: Options, data: string) {
  if (url) return { program: undefined, url, token };
  return planNats(await findNatsServer(say), data, await freePort(0));
}

/** What the user needs to know of a node that has just become ready. */
async function welcome(
  services: readonly ServiceProgram[],
  { library, data }: { library: string; data: string },
): Promise<string> {
  const gateway = services.find(({ name }) => name === 'gateway');
  const httpUrl = gateway?.httpUrl ?? '';
  const apiKey = gateway?.environment['ALLIBRARY_API_KEY'] ?? readFileSync(join(data, 'api-key'), 'utf8').trim();
  const response = await fetch(`${httpUrl}/api/v1/status`, {
    headers: { authorization: `Bearer ${apiKey}` },
    signal: AbortSignal.timeout(10_000),
  });
  const { multiaddrs = [] } = (await response.json()) as { multiaddrs?: string[] };
  return [
    '',
    'The node runs.',
    `  Web page    ${httpUrl}`,
    `  API key     ${apiKey}`,
    `  Library     ${library}`,
    `  Data, logs  ${data}`,
    ...multiaddrs.map((address, index) => `  ${index === 0 ? 'Addresses ' : '          '}  ${address}`),
    ...services.map(
      ({ name, httpUrl: url }, index) => `  ${index === 0 ? 'Metrics   ' : '          '}  ${url}/metrics (${name})`,
    ),
    '',
    'Ctrl-C stops it.',
  ].join('\n');
}

function stopped(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // The timer keeps the process alive while there is nothing to do but to wait.
  const alive = setInterval(() => {}, 60_000);
  const onStop = () => {
    clearInterval(alive);
    resolve();
  };
  if (signal.aborted) onStop();
  signal.addEventListener('abort', onStop, { once: true });
  return promise;
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return error instanceof UsageError ? 2 : 1;
  }),
);
