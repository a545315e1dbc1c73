import { join } from 'node:path';
import { shownUrls } from '@allibrary/platform/files';
import { LogFile } from './log-file.ts';
import { NodeFile } from './node-file.ts';
import type { ServiceProgram } from '../services/programs.ts';
import { type WatchedBus, watchBus } from '../bus/bus-watch.ts';
import { type ReadinessTimes, ReadinessWatch } from '../services/readiness-watch.ts';
import { type Patience, greetsAsNats, isLive, untilAnswers } from '../services/readiness.ts';
import { hasRoom } from '../setup/room.ts';
import { type Program, type Reports, Supervised } from '../services/supervision.ts';

const ANSWER_LIMIT_MS = 60_000;
const WARN = 40;
/** Exit code of a service that cannot start until its owner changes something. */
const REFUSED = 2;

/** A message bus that runs as one of the node's programs. */
export type OwnBus = Omit<WatchedBus, 'restart'> & { readonly program: Program };

/** The programs of one node: the message bus, when it is our own, and the services. */
export interface NodePrograms {
  readonly nats: OwnBus | { readonly url: string };
  readonly services: readonly ServiceProgram[];
}

/** Runs the programs of one node: the bus first and last, the services in between. */
export class NodeRunner {
  readonly #programs: NodePrograms;
  readonly #print: (line: string) => void;
  readonly #file: NodeFile;
  readonly #logs = new Map<string, LogFile>();
  readonly #pids = new Map<string, number>();
  readonly #running = new Map<string, Supervised>();
  readonly #unwritten = new Set<string>();
  readonly #data: string;
  readonly #stopping = new AbortController();
  readonly #watching: Promise<void>[] = [];
  /** Rejects when a service refuses to start. */
  readonly #refusal = Promise.withResolvers<never>();
  readonly #readiness: ReadinessWatch;

  constructor(programs: NodePrograms, data: string, print: (line: string) => void, times?: ReadinessTimes) {
    this.#programs = programs;
    this.#data = data;
    this.#print = print;
    this.#file = new NodeFile(data);
    this.#readiness = new ReadinessWatch(programs.services, { print, restart: (name) => this.#restart(name) }, times);
    this.#refusal.promise.catch(() => {}); // after the start nothing awaits it
  }

  /** Starts everything; resolves when every service answers, ready or with the reason why it is not. */
  async start(signal: AbortSignal): Promise<void> {
    const { nats, services } = this.#programs;
    if ('program' in nats) this.#startBus(nats);
    const patience = { limitMs: ANSWER_LIMIT_MS, signal, mayWait: () => this.#isDiskFull(), print: this.#print };
    await this.#untilBusAnswers(nats, patience);
    for (const service of services) this.#launch(service);
    const answers = services.map(({ name, httpUrl }) => untilAnswers(name, () => isLive(httpUrl), patience));
    await Promise.race([Promise.all(answers), this.#refusal.promise]);
    await this.#readiness.start(signal);
    this.#watching.push(this.#readiness.run(this.#stopping.signal));
    this.#attempt('run/node.json', () =>
      this.#file.publish({
        pid: process.pid,
        httpUrl: services.find(({ name }) => name === 'gateway')?.httpUrl ?? '',
        programs: Object.fromEntries([...this.#pids].map(([name, pid]) => [name, this.#describe(name, pid)])),
      }),
    );
  }

  /** Stops everything, the last started first. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#file.remove();
    await Promise.all(this.#watching);
    const running = [...this.#running.values()];
    for (const program of running) program.retire();
    for (const program of running.toReversed()) await program.stop();
  }

  /** Ends everything at once. */
  kill(): void {
    this.#stopping.abort();
    for (const program of this.#running.values()) program.kill();
  }

  async #untilBusAnswers(nats: NodePrograms['nats'], patience: Patience): Promise<void> {
    const greeting = () => greetsAsNats(nats.url);
    if ('program' in nats) return untilAnswers('nats-server', greeting, patience);
    const remedy = 'check the address, and that nats-server runs there';
    await untilAnswers(`nats-server at ${shownUrls(nats.url)}`, greeting, { ...patience, remedy });
  }

  async #restart(service: string): Promise<void> {
    await this.#running.get(service)?.restart();
  }

  #startBus(bus: OwnBus): void {
    const server = this.#launch(bus.program);
    const restart = () => server.restart();
    this.#attempt('run/nats-url', () => this.#file.publishBus(bus.url, bus.operator));
    this.#watching.push(watchBus({ ...bus, restart }, this.#print, this.#stopping.signal));
  }

  #launch(program: Program): Supervised {
    this.#logs.set(program.name, new LogFile(join(this.#data, 'logs', `${program.name}.log`)));
    const supervised = new Supervised(program, this.#reports);
    this.#running.set(program.name, supervised);
    supervised.start();
    return supervised;
  }

  async #isDiskFull(): Promise<boolean> {
    if (await hasRoom(this.#data)) return false;
    this.#print(`No space left on device (${this.#data}): the node starts when there is room.`);
    return true;
  }

  readonly #reports: Reports = {
    onLine: (program, line) => {
      this.#attempt(`The log of ${program}`, () => this.#logs.get(program)?.write(line));
      const entry = readLogLine(line);
      if (entry && entry.level >= WARN) this.#print(`${program}: ${entry.msg}`);
    },
    onStart: (program, pid) => {
      this.#pids.set(program, pid);
      this.#attempt('run/node.json', () => this.#file.restarted(program, pid));
    },
    onDeath: (program, { how, exitCode }, restartInMs) => {
      const log = join(this.#data, 'logs', `${program}.log`);
      if (exitCode === REFUSED) {
        this.#refusal.reject(
          new Error(`${program} refuses to start until you have changed what it reports above. Its log: ${log}`),
        );
      }
      this.#readiness.restarted(program);
      this.#print(`${program} ${how}; it is started again in ${restartInMs / 1_000} s. Its log: ${log}`);
    },
  };

  /** A full disk ends the records, not the node; each failure is printed once. */
  #attempt(what: string, write: () => void): void {
    try {
      write();
      this.#unwritten.delete(what);
    } catch (error) {
      if (!this.#unwritten.has(what)) this.#print(`${what} can't be written: ${(error as Error).message}`);
      this.#unwritten.add(what);
    }
  }

  #describe(name: string, pid: number): { pid: number; httpUrl?: string } {
    const httpUrl = this.#programs.services.find((service) => service.name === name)?.httpUrl;
    return httpUrl ? { pid, httpUrl } : { pid };
  }
}

/** Fields of a log line that are shown with its message and path: what it is about, why, and what to do. */
const SHOWN_FIELDS = ['collection', 'peerId', 'kind', 'error', 'reason', 'evidence', 'remedy'];

/** A line of a service's log, when it is one: nats-server and crashes write other lines. */
function readLogLine(line: string): { level: number; msg: string } | undefined {
  try {
    const { level, msg, path, ...fields } = JSON.parse(line) as Record<string, unknown>;
    const details = [path && JSON.stringify(path), ...SHOWN_FIELDS.map((name) => fields[name])];
    return { level: Number(level), msg: [msg, ...details].filter((part) => typeof part === 'string').join(': ') };
  } catch {
    return undefined;
  }
}
