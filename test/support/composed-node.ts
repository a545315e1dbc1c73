/** A node made by our docker-compose.yml, as users have it: their .env is the example with a few values changed. */
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type TempFolder, freePort, tempFolder } from '@allibrary/testing';
import type { DockerEngine } from './docker-engine.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** The user of our image. */
const IMAGE_USER = 1000;

/** A container of a node, as listed by `docker compose ps`. */
export interface Container {
  readonly ID: string;
  readonly Service: string;
  readonly State: string;
  readonly Health: string;
  readonly ExitCode: number;
}

/** A result of a search, as the API gives it. */
export interface Found {
  readonly documentId: string;
  readonly name: string;
  readonly local: boolean;
}

/** A composed node of a test. */
export class ComposedNode {
  readonly library: string;
  readonly #engine: DockerEngine;
  readonly #project: string;
  readonly #folder: TempFolder;
  #apiKey: string | undefined;

  private constructor(engine: DockerEngine, project: string, folder: TempFolder) {
    this.#engine = engine;
    this.#project = project;
    this.#folder = folder;
    this.library = join(folder.path, 'library');
  }

  /** Makes its library and its .env, with free ports; nothing is started yet. */
  static async prepare(
    engine: DockerEngine,
    project: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ComposedNode> {
    const node = new ComposedNode(engine, project, await tempFolder());
    await mkdir(node.library);
    await chown(node.library, IMAGE_USER, IMAGE_USER);
    await node.configure({
      ALLIBRARY_LIBRARY: node.library,
      ALLIBRARY_HTTP_PORT: String(await freePort()),
      ALLIBRARY_P2P_PORT: String(await freePort()),
      PROMETHEUS_PORT: String(await freePort()),
      ALLIBRARY_BUILD_CA: process.env['NODE_EXTRA_CA_CERTS'] ?? '/dev/null',
      ...env,
    });
    return node;
  }

  /** Changes values of its .env; at first it is the example. */
  async configure(env: Readonly<Record<string, string>>): Promise<void> {
    const before = await readFile(existsSync(this.#envFile) ? this.#envFile : join(ROOT, '.env.example'), 'utf8');
    const kept = before.split('\n').filter((line) => !((line.split('=')[0] ?? '') in env));
    const lines = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    await writeFile(this.#envFile, [...kept, ...lines, ''].join('\n'));
  }

  get #envFile(): string {
    return join(this.#folder.path, '.env');
  }

  /** Runs `docker compose` on it. */
  compose(...args: readonly string[]): Promise<string> {
    const files = ['--file', 'docker-compose.yml', '--file', 'test/compose/ci.yml'];
    return this.#engine.docker(
      'compose',
      '--project-name',
      this.#project,
      '--env-file',
      this.#envFile,
      ...files,
      ...args,
    );
  }

  /** Its containers, those that ended among them. */
  async containers(service?: string): Promise<Container[]> {
    const printed = await this.compose('ps', '--all', '--format', 'json', ...(service ? [service] : []));
    return printed
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Container);
  }

  /** Puts a file into its library, as a librarian does. */
  async drop(name: string, content: string | Buffer): Promise<void> {
    await writeFile(join(this.library, name), content);
  }

  /** Runs a command in the first container of a service. */
  exec(service: string, ...command: readonly string[]): Promise<string> {
    return this.compose('exec', '-T', service, ...command);
  }

  /** Where a port of a service's first container is reached, as host:port. */
  async published(service: string, port: number): Promise<string> {
    return (await this.compose('port', service, String(port))).trim();
  }

  /** What its Prometheus answers to a query now: the figure of each value of the label. */
  async counted(query: string, label: string): Promise<Record<string, number>> {
    const url = `http://${await this.published('prometheus', 9090)}/api/v1/query?query=${encodeURIComponent(query)}`;
    const answer = (await (await fetch(url)).json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return Object.fromEntries(answer.data.result.map(({ metric, value }) => [metric[label] ?? '', Number(value[1])]));
  }

  /** How a node on another network reaches it: by its published port, at an address of the machine. */
  async address(): Promise<string> {
    const { peerId } = await this.call<{ peerId: string }>('GET', 'status');
    const inspected = await this.#engine.docker('network', 'inspect', `${this.#project}_outer`);
    const [network] = JSON.parse(inspected) as [{ IPAM: { Config: [{ Gateway: string }] } }];
    const port = (await this.published('p2p-node', 6881)).split(':').at(-1);
    return `/ip4/${network.IPAM.Config[0].Gateway}/tcp/${port}/p2p/${peerId}`;
  }

  /** Calls the API of its first gateway with the key that it made; rejects with its error. */
  async call<T>(method: string, path: string, body?: object): Promise<T> {
    this.#apiKey ??= (await this.exec('gateway', 'cat', '/data/api-key')).trim();
    const response = await fetch(`http://${await this.published('gateway', 8080)}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#apiKey}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** What a search finds, in this library and at its peers. */
  async search(text: string): Promise<Found[]> {
    return (await this.call<{ results: Found[] }>('GET', `search?refresh=true&q=${encodeURIComponent(text)}`)).results;
  }

  /** Ends it and forgets all that it kept. */
  async remove(): Promise<void> {
    await this.compose('--profile', '*', 'down', '--volumes', '--timeout', '15');
    await this.#folder.remove();
  }
}
