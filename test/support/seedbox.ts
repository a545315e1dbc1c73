/** A whole node as users run it: the supervisor's process, nats-server and the five built services. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Download, LibraryDocument, Peer } from '@allibrary/contracts';
import { eventually, freePort, tempFolder } from '@allibrary/testing';

const MAIN = resolve(import.meta.dirname, '../../apps/supervisor/src/main.ts');
const READY_LIMIT_MS = 120_000;

/** A result of a search, as the API gives it. */
export interface SearchResult {
  readonly documentId: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly local: boolean;
  readonly sources: readonly { readonly peerId: string }[];
  readonly snippet: string | null;
}

/** A search's answer, as the API gives it. */
export interface SearchAnswer {
  readonly results: readonly SearchResult[];
  readonly coverage: { readonly asked: number; readonly answered: number };
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
}

/** A running node of a test. */
export class Seedbox {
  readonly library: string;
  readonly #data: string;
  readonly #process: ChildProcess;
  readonly #remove: () => Promise<void>;
  #output = '';

  private constructor(folder: string, supervisor: ChildProcess, remove: () => Promise<void>) {
    this.library = join(folder, 'library');
    this.#data = join(folder, 'data');
    this.#process = supervisor;
    this.#remove = remove;
    for (const stream of [supervisor.stdout, supervisor.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#output += chunk.toString();
      });
    }
  }

  /** Starts a node in a folder of its own, on free ports. */
  static async start({ bootstrap = [], environment = {} }: SeedboxOptions = {}): Promise<Seedbox> {
    const folder = await tempFolder();
    const { path } = folder;
    await mkdir(join(path, 'library'));
    const p2pPort = await freePort();
    const options = [
      '--library',
      join(path, 'library'),
      '--data',
      join(path, 'data'),
      '--http-port',
      '0',
      '--p2p-port',
      String(p2pPort),
    ];
    const peers = bootstrap.length > 0 ? ['--bootstrap', bootstrap.join(',')] : [];
    const supervisor = spawn(process.execPath, [MAIN, ...options, ...peers], {
      env: { ...process.env, ALLIBRARY_SETTLE_MS: '200', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const seedbox = new Seedbox(path, supervisor, () => folder.remove());
    try {
      await eventually(() => seedbox.state(), { timeoutMs: READY_LIMIT_MS });
    } catch (cause) {
      await seedbox.stop();
      throw new Error(`The node did not start:\n${seedbox.#output}`, { cause });
    }
    return seedbox;
  }

  /** What the supervisor says about its processes now. */
  async state(): Promise<NodeState> {
    if (this.#process.exitCode !== null) throw new Error(`The supervisor ended:\n${this.#output}`);
    return JSON.parse(await readFile(join(this.#data, 'run', 'node.json'), 'utf8')) as NodeState;
  }

  /** What the supervisor has printed. */
  get output(): string {
    return this.#output;
  }

  /** The log of one of its programs. */
  log(program: string): Promise<string> {
    return readFile(join(this.#data, 'logs', `${program}.log`), 'utf8');
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
    const apiKey = (await readFile(join(this.#data, 'api-key'), 'utf8')).trim();
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

  /** The document in the named file, as soon as it is shared. */
  documentOf(file: string, timeoutMs = 30_000): Promise<LibraryDocument> {
    return eventually(
      async () => (await this.documents()).find(({ locations }) => locations.some(({ path }) => path === file)),
      {
        timeoutMs,
      },
    );
  }

  search(text: string, scope: 'local' | 'network' | 'all' = 'all'): Promise<SearchAnswer> {
    return this.call('GET', `search?q=${encodeURIComponent(text)}&scope=${scope}`);
  }

  /** Waits until so many other libraries are connected. */
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

  /** Kills one program with SIGKILL, and waits until the supervisor has started it anew and it is ready. */
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
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
    await this.#remove();
    return this.#process.exitCode;
  }
}
