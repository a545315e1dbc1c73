/** A whole node as users run it: the supervisor's process, nats-server and the five built services. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Download, LibraryDocument, Peer } from '@allibrary/contracts';
import { type TempFolder, eventually, freePort, tempFolder } from '@allibrary/testing';

const CHECKOUT = resolve(import.meta.dirname, '../..');
const READY_LIMIT_MS = 120_000;
const WARNINGS_PER_LOG = 15;
/** Lines of a service or of nats-server below the level of a warning. */
const INFORMATION = /^\{"level":[123]0|\[(INF|DBG|TRC)\]/;

/** A result of a search, as the API gives it. */
export interface SearchResult {
  readonly documentId: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly local: boolean;
  readonly sources: readonly { readonly peerId: string; readonly seenAtMs: number | null }[];
  readonly snippet: string | null;
}

/** A search's answer, as the API gives it. */
export interface SearchAnswer {
  readonly results: readonly SearchResult[];
  readonly coverage: {
    readonly asked: number;
    readonly answered: number;
    readonly missing: readonly { readonly peerId: string; readonly reason: string }[];
    readonly cachedAtMs: number | null;
  };
}

interface NodeState {
  readonly pid: number;
  readonly httpUrl: string;
  readonly programs: Readonly<Record<string, { readonly pid: number; readonly httpUrl?: string }>>;
}

/** How a node is started. */
export interface SeedboxOptions {
  readonly bootstrap?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Where library and data lie, instead of in a temporary folder of its own. */
  readonly folder?: TempFolder | undefined;
  /** Another checkout of the project, whose program is started. */
  readonly checkout?: string;
  /** Puts files into the library before the node starts. */
  readonly fill?: (library: string) => Promise<void>;
}

/** How a node is restarted. */
export interface RestartOptions {
  readonly end?: 'stop' | 'kill';
  readonly meanwhile?: ((data: string) => Promise<void>) | undefined;
}

/** A running node of a test. */
export class Seedbox {
  readonly library: string;
  readonly data: string;
  readonly #arguments: readonly string[];
  readonly #environment: NodeJS.ProcessEnv;
  readonly #remove: () => Promise<void>;
  #process: ChildProcess;
  #output = '';

  private constructor(folder: TempFolder, options: readonly string[], environment: NodeJS.ProcessEnv) {
    this.library = join(folder.path, 'library');
    this.data = join(folder.path, 'data');
    this.#arguments = [...options, '--library', this.library, '--data', this.data];
    this.#environment = environment;
    this.#remove = () => folder.remove();
    this.#process = this.#launch();
  }

  #launch(): ChildProcess {
    const supervisor = spawn(process.execPath, this.#arguments, {
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [supervisor.stdout, supervisor.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
    return supervisor;
  }

  /** Starts a node in a folder of its own, on free ports. */
  static async start(how: SeedboxOptions = {}): Promise<Seedbox> {
    const { bootstrap = [], environment = {}, folder: given, checkout = CHECKOUT, fill } = how;
    const folder = given ?? (await tempFolder());
    const library = join(folder.path, 'library');
    await mkdir(library, { recursive: true });
    await fill?.(library);
    const peers = bootstrap.length > 0 ? ['--bootstrap', bootstrap.join(',')] : [];
    const main = join(checkout, 'apps/supervisor/src/main.ts');
    const options = [main, '--http-port', '0', '--p2p-port', String(await freePort()), ...peers];
    const seedbox = new Seedbox(folder, options, {
      ...process.env,
      ALLIBRARY_SETTLE_MS: '200',
      ALLIBRARY_LAN: 'false',
      ...environment,
    });
    await seedbox.#untilReady().catch(async (error: unknown) => {
      await seedbox.#remove();
      throw error;
    });
    return seedbox;
  }

  /** Stops the node gracefully, or kills it, and starts it on the same folder, which `meanwhile` may change. */
  async restart({ end = 'stop', meanwhile }: RestartOptions = {}): Promise<void> {
    await (end === 'stop' ? this.#end() : this.#killAll());
    await meanwhile?.(this.data);
    this.#process = this.#launch();
    await this.#untilReady();
  }

  async #untilReady(): Promise<void> {
    try {
      await eventually(async () => this.#process.exitCode !== null || (await this.state()) !== undefined, {
        timeoutMs: READY_LIMIT_MS,
      });
      await this.state();
    } catch (cause) {
      await this.#end();
      throw new Error(`The node did not start:\n${this.#output}`, { cause });
    }
  }

  /** The supervisor's present state of its processes. */
  async state(): Promise<NodeState> {
    if (this.#process.exitCode !== null) throw new Error(`The supervisor ended:\n${this.#output}`);
    return JSON.parse(await readFile(join(this.data, 'run', 'node.json'), 'utf8')) as NodeState;
  }

  /** What the supervisor has printed. */
  get output(): string {
    return this.#output;
  }

  /** The log of one of its programs. */
  log(program: string): Promise<string> {
    return readFile(join(this.data, 'logs', `${program}.log`), 'utf8');
  }

  /** The latest warnings and errors of all its programs, for whoever reads why a test failed. */
  async warnings(): Promise<string> {
    const folder = join(this.data, 'logs');
    const logs = (await readdir(folder)).map(async (name) => {
      const lines = (await readFile(join(folder, name), 'utf8')).split('\n');
      return [name, ...lines.filter((line) => !INFORMATION.test(line)).slice(-WARNINGS_PER_LOG)].join('\n');
    });
    return (await Promise.all(logs)).join('\n');
  }

  /** Calls the API; rejects with its error. */
  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await this.fetch(path, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }

  /** Calls the API with the key. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const { httpUrl } = await this.state();
    const apiKey = (await readFile(join(this.data, 'api-key'), 'utf8')).trim();
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${apiKey}` };
    return fetch(`${httpUrl}/api/v1/${path}`, { signal: AbortSignal.timeout(60_000), ...init, headers });
  }

  /** An address at which peers on this machine reach it. */
  async address(): Promise<string> {
    const { multiaddrs } = await this.call<{ multiaddrs: string[] }>('GET', 'status');
    const address = multiaddrs.find((each) => each.startsWith('/ip4/127.0.0.1/'));
    if (!address) throw new Error(`no loopback address among ${multiaddrs.join(', ')}`);
    return address;
  }

  async peerId(): Promise<string> {
    return (await this.call<{ peerId: string }>('GET', 'status')).peerId;
  }

  async documents(): Promise<LibraryDocument[]> {
    return (await this.call<{ items: LibraryDocument[] }>('GET', 'documents?limit=200')).items;
  }

  /** Every document of the node, page by page. */
  async *allDocuments(): AsyncGenerator<LibraryDocument> {
    let cursor: string | null = '';
    do {
      const page: { items: LibraryDocument[]; nextCursor: string | null } = await this.call(
        'GET',
        `documents?limit=200${cursor ? `&cursor=${cursor}` : ''}`,
      );
      yield* page.items;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  /** The value of one of a service's metrics, without labels or with those named. */
  async metric(program: string, name: string): Promise<number> {
    const { httpUrl } = (await this.state()).programs[program] ?? {};
    const text = await (await fetch(`${httpUrl}/metrics`)).text();
    const line = text.split('\n').find((each) => each.startsWith(`${name}{`) || each.startsWith(`${name} `));
    if (!line) throw new Error(`${program} has no metric ${name}`);
    return Number(line.slice(line.lastIndexOf(' ') + 1));
  }

  /** The document in the named file, as soon as it is shared. */
  documentOf(file: string, timeoutMs = 30_000): Promise<LibraryDocument> {
    return eventually(
      async () => (await this.documents()).find(({ locations }) => locations.some(({ path }) => path === file)),
      {
        timeoutMs,
      },
    );
  }

  /** Searches, and asks the peers again although they may have just answered the same question. */
  search(text: string, scope: 'local' | 'network' | 'all' = 'all'): Promise<SearchAnswer> {
    return this.call('GET', `search?q=${encodeURIComponent(text)}&scope=${scope}&refresh=true`);
  }

  /** Waits until this many other libraries are connected. */
  async meets(count: number): Promise<void> {
    const met = async () =>
      (await this.call<{ items: Peer[] }>('GET', 'peers')).items.filter(({ isLibrary }) => isLibrary);
    await eventually(async () => (await met()).length >= count, { timeoutMs: 60_000 });
  }

  download(documentId: string): Promise<Download> {
    return this.call('POST', 'downloads', { documentId });
  }

  /** The download when it has completed. */
  completed(id: string, timeoutMs = 120_000): Promise<Download> {
    return eventually(
      async () => {
        const download = await this.call<Download>('GET', `downloads/${id}`);
        if (download.state === 'failed') throw new Error(download.reason ?? 'failed');
        return download.state === 'completed' && download;
      },
      { timeoutMs },
    );
  }

  /** Kills one program with SIGKILL, and waits until the supervisor has restarted it and it is ready. */
  async killAndAwaitRestart(program: string): Promise<void> {
    const killed = await this.kill(program);
    await eventually(
      async () => {
        const { pid, httpUrl } = (await this.state()).programs[program] ?? {};
        return pid !== killed && (!httpUrl || (await fetch(`${httpUrl}/health/ready`)).ok);
      },
      { timeoutMs: 60_000 },
    );
  }

  /** Kills one program with SIGKILL; answers its pid. */
  async kill(program: string): Promise<number> {
    const { pid } = (await this.state()).programs[program] ?? {};
    if (!pid) throw new Error(`no program ${program} runs`);
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  /** Stops the node, and removes its folder; answers the exit code. */
  async stop(): Promise<number | null> {
    await this.#end();
    await this.#remove();
    return this.#process.exitCode;
  }

  /** Kills every process of the node with SIGKILL. */
  async #killAll(): Promise<void> {
    const { programs } = await this.state();
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    for (const { pid } of Object.values(programs)) process.kill(pid, 'SIGKILL');
    await ended;
    await rm(join(this.data, 'run', 'node.json'));
  }

  async #end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await ended;
  }
}
