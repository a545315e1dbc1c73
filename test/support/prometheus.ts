/** Prometheus, promtool and node-exporter of Debian's packages, and a Prometheus that runs. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { eventually, freePort, tempFolder } from '@allibrary/testing';
import { parse, stringify } from 'yaml';
import { unpackDebianPackages } from '../../apps/supervisor/src/nats-server/debian-packages.ts';

export const run = promisify(execFile);

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, '.cache/monitoring');
const PACKAGES = ['prometheus', 'prometheus-node-exporter'];

/** Our configuration of Prometheus, as users have it. */
export const CONFIGURATION = join(ROOT, 'deploy/prometheus/prometheus.yml');

/** The programs' paths; undefined where neither the cache nor apt has them. */
export interface MonitoringPrograms {
  readonly prometheus: string;
  readonly promtool: string;
  readonly nodeExporter: string;
}

/** The programs, from this project's cache or from apt. */
export async function findMonitoringPrograms(): Promise<MonitoringPrograms | undefined> {
  if (!existsSync(CACHE) && !(await obtain())) return undefined;
  const program = (name: string) => join(CACHE, 'usr/bin', name);
  return {
    prometheus: program('prometheus'),
    promtool: program('promtool'),
    nodeExporter: program('prometheus-node-exporter'),
  };
}

async function obtain(): Promise<boolean> {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.cache/.getting-'));
  try {
    await unpackDebianPackages(PACKAGES, folder);
    renameSync(folder, CACHE);
    return true;
  } catch (error) {
    console.warn(`Prometheus is not to be had: ${String(error).split('\n')[0]}`);
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Which addresses stand behind each name that our configuration looks up by DNS. */
export type Targets = Readonly<Record<string, readonly string[]>>;

interface ScrapeConfig {
  readonly job_name: string;
  readonly honor_labels?: boolean;
  readonly dns_sd_configs: readonly { readonly names: readonly string[] }[];
}

/** A Prometheus with our configuration and rules; the addresses come from the test instead of Docker's DNS. */
export class Prometheus {
  readonly #url: string;
  readonly #processes: readonly ChildProcess[];
  readonly #remove: () => Promise<void>;

  private constructor(url: string, processes: readonly ChildProcess[], remove: () => Promise<void>) {
    this.#url = url;
    this.#processes = processes;
    this.#remove = remove;
  }

  static async start(programs: MonitoringPrograms, targets: Targets): Promise<Prometheus> {
    const folder = await tempFolder();
    const [port, machinePort] = [await freePort(), await freePort()];
    const file = join(folder.path, 'prometheus.yml');
    await writeFile(file, await configuration({ ...targets, 'node-exporter': [`127.0.0.1:${machinePort}`] }));
    const prometheus = spawn(
      programs.prometheus,
      [
        `--config.file=${file}`,
        `--storage.tsdb.path=${join(folder.path, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    const exporter = spawn(programs.nodeExporter, [`--web.listen-address=127.0.0.1:${machinePort}`], {
      stdio: 'ignore',
    });
    const url = `http://127.0.0.1:${port}`;
    const started = new Prometheus(url, [prometheus, exporter], () => folder.remove());
    await eventually(async () => (await fetch(`${url}/-/ready`)).ok, { timeoutMs: 60_000 }).catch(
      async (error: unknown) => {
        await started.stop();
        throw error;
      },
    );
    return started;
  }

  /** Waits until every service has been scraped this many more times. */
  async scrapes(count: number): Promise<void> {
    const asked = async () => (await this.query('min(count_over_time(up{job="allibrary"}[1h]))'))[0]?.value ?? 0;
    const before = await asked();
    await eventually(async () => (await asked()) >= before + count, { timeoutMs: 60_000 });
  }

  /** What a query answers now: a value for each series. */
  async query(expr: string): Promise<{ metric: Record<string, string>; value: number }[]> {
    const { result } = await this.#get<{ result: { metric: Record<string, string>; value: [number, string] }[] }>(
      `query?query=${encodeURIComponent(expr)}`,
    );
    return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  /** The rules that it evaluates, with what each evaluation came to. */
  async rules(): Promise<{ name: string; query: string; health: string; lastError?: string }[]> {
    const { groups } = await this.#get<{ groups: { rules: [] }[] }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/${path}`, { signal: AbortSignal.timeout(30_000) });
    const answer = (await response.json()) as { status: string; data: T; error?: string };
    if (answer.status !== 'success') throw new Error(answer.error);
    return answer.data;
  }

  async stop(): Promise<void> {
    for (const child of this.#processes) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await this.#remove();
  }
}

/** Our configuration, asked every second, with addresses where it has names. */
async function configuration(targets: Targets): Promise<string> {
  const { global, scrape_configs, ...rest } = parse(await readFile(CONFIGURATION, 'utf8')) as {
    global: object;
    scrape_configs: ScrapeConfig[];
  };
  return stringify({
    ...rest,
    global: { ...global, scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(ROOT, 'deploy/prometheus/rules/*.yml')],
    scrape_configs: scrape_configs.map(({ job_name, honor_labels = false, dns_sd_configs }) => ({
      job_name,
      honor_labels,
      static_configs: dns_sd_configs
        .flatMap(({ names }) => names)
        .map((service) => ({ targets: targets[service] ?? [], labels: { service } })),
    })),
  });
}
