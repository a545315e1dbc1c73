import { join } from 'node:path';
import { LogFile } from './log-file.ts';
import { NodeFile } from './node-file.ts';
import type { ServiceProgram } from './programs.ts';
import { acceptsConnections, answersReady, untilReady } from './readiness.ts';
import { type Program, type Reports, Supervised } from './supervision.ts';

const READY_LIMIT_MS = 60_000;
const WARN = 40;

/** The programs of one node: the message bus, when it is our own, and the services. */
export interface NodePrograms {
  readonly nats: { readonly program: Program | undefined; readonly url: string };
  readonly services: readonly ServiceProgram[];
}

/** Runs the programs of one node: the bus first and last, the services in between. */
export class NodeRunner {
  readonly #programs: NodePrograms;
  readonly #say: (line: string) => void;
  readonly #file: NodeFile;
  readonly #logs = new Map<string, LogFile>();
  readonly #pids = new Map<string, number>();
  readonly #running: Supervised[] = [];
  readonly #unwritten = new Set<string>();
  readonly #data: string;

  constructor(programs: NodePrograms, data: string, say: (line: string) => void) {
    this.#programs = programs;
    this.#data = data;
    this.#say = say;
    this.#file = new NodeFile(data);
  }

  /** Starts everything; resolves when every service is ready. */
  async start(signal: AbortSignal): Promise<void> {
    const { nats, services } = this.#programs;
    if (nats.program) this.#launch(nats.program);
    await untilReady(`nats-server at ${nats.url}`, () => acceptsConnections(nats.url), READY_LIMIT_MS, signal);
    for (const service of services) this.#launch(service);
    await Promise.all(
      services.map(({ name, httpUrl }) => untilReady(name, () => answersReady(httpUrl), READY_LIMIT_MS, signal)),
    );
    this.#file.publish({
      pid: process.pid,
      httpUrl: services.find(({ name }) => name === 'gateway')?.httpUrl ?? '',
      programs: Object.fromEntries([...this.#pids].map(([name, pid]) => [name, this.#describe(name, pid)])),
    });
  }

  /** Stops everything, the last started first. */
  async stop(): Promise<void> {
    this.#file.remove();
    for (const program of this.#running) program.retire();
    for (const program of this.#running.toReversed()) await program.stop();
  }

  /** Ends everything at once. */
  kill(): void {
    for (const program of this.#running) program.kill();
  }

  #launch(program: Program): void {
    this.#logs.set(program.name, new LogFile(join(this.#data, 'logs', `${program.name}.log`)));
    const supervised = new Supervised(program, this.#reports);
    this.#running.push(supervised);
    supervised.start();
  }

  readonly #reports: Reports = {
    onLine: (program, line) => {
      this.#attempt(`The log of ${program}`, () => this.#logs.get(program)?.write(line));
      const said = readLogLine(line);
      if (said && said.level >= WARN) this.#say(`${program}: ${said.msg}`);
    },
    onStart: (program, pid) => {
      this.#pids.set(program, pid);
      this.#attempt('run/node.json', () => this.#file.restarted(program, pid));
    },
    onDeath: (program, how, restartInMs) => {
      const log = join(this.#data, 'logs', `${program}.log`);
      this.#say(`${program} ${how}; it is started again in ${restartInMs / 1_000} s. Its log: ${log}`);
    },
  };

  /** A full disk ends the records, not the node; that is said once for each of them. */
  #attempt(what: string, write: () => void): void {
    try {
      write();
      this.#unwritten.delete(what);
    } catch (error) {
      if (!this.#unwritten.has(what)) this.#say(`${what} can't be written: ${(error as Error).message}`);
      this.#unwritten.add(what);
    }
  }

  #describe(name: string, pid: number): { pid: number; httpUrl?: string } {
    const httpUrl = this.#programs.services.find((service) => service.name === name)?.httpUrl;
    return httpUrl ? { pid, httpUrl } : { pid };
  }
}

/** A line of a service's log, when it is one: nats-server and crashes write other lines. */
function readLogLine(line: string): { level: number; msg: string } | undefined {
  try {
    const { level, msg, error, path } = JSON.parse(line) as Record<string, unknown>;
    const details = [path && JSON.stringify(path), error].filter((part) => typeof part === 'string');
    return { level: Number(level), msg: [String(msg), ...details].join(': ') };
  } catch {
    return undefined;
  }
}
