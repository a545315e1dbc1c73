import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { updateFile } from '../setup/update-file.ts';

/** State of a running node, for scripts. */
export interface NodeState {
  readonly pid: number;
  readonly httpUrl: string;
  readonly programs: Readonly<Record<string, { readonly pid?: number; readonly httpUrl?: string }>>;
}

/** The file <data>/run/node.json: there while the node is ready, and true after each restart of a service. */
export class NodeFile {
  readonly #path: string;
  readonly #busPath: string;
  #state: NodeState | undefined;

  constructor(data: string) {
    this.#path = join(data, 'run', 'node.json');
    this.#busPath = join(data, 'run', 'nats-url');
    this.remove();
  }

  /** Writes the state of a node that is ready. */
  publish(state: NodeState): void {
    this.#state = state;
    this.#write(state);
  }

  /** Stores the bus's address with the operator's credentials, for people with a NATS tool. */
  publishBus(url: string, { name, password }: { readonly name: string; readonly password: string }): void {
    mkdirSync(dirname(this.#busPath), { recursive: true, mode: 0o700 });
    updateFile(this.#busPath, `${url.replace('//', `//${name}:${password}@`)}\n`);
  }

  /** Records a program's new process. */
  restarted(program: string, pid: number): void {
    if (!this.#state) return;
    const { programs } = this.#state;
    this.publish({ ...this.#state, programs: { ...programs, [program]: { ...programs[program], pid } } });
  }

  remove(): void {
    this.#state = undefined;
    rmSync(this.#path, { force: true });
    rmSync(this.#busPath, { force: true });
  }

  #write(state: NodeState): void {
    const temporary = `${this.#path}.tmp`;
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, this.#path);
  }
}
