/** Real: transfer as a process of its own, as the supervisor starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually, freePort } from '@allibrary/testing';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

/** One process of transfer. */
export class TransferProcess {
  private constructor(
    private readonly process: ChildProcess,
    /** Where its metrics are. */
    readonly httpUrl: string,
    /** Where peers' streams come in. */
    readonly carrierPort: number,
  ) {}

  /** Starts a process with the settings of a node, on ports of its own; several may share the node's data. */
  static async start(environment: Readonly<Record<string, string>>): Promise<TransferProcess> {
    const [httpPort, carrierPort] = [await freePort(), await freePort()];
    const own = {
      ALLIBRARY_TRANSFER_CARRIER: `127.0.0.1:${carrierPort}`,
      ALLIBRARY_HTTP_PORT: String(httpPort),
      ALLIBRARY_LOG_LEVEL: process.env['ALLIBRARY_TEST_LOG'] ?? 'error',
    };
    const child = spawn(process.execPath, [MAIN], {
      env: { ...process.env, ...environment, ...own },
      stdio: 'inherit',
    });
    const started = new TransferProcess(child, `http://127.0.0.1:${httpPort}`, carrierPort);
    await eventually(async () => (await fetch(`${started.httpUrl}/health/ready`).catch(() => undefined))?.ok, {
      timeoutMs: 30_000,
    });
    return started;
  }

  /** Ends it, by default like a crash. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, 'exit');
    this.process.kill(signal);
    await ended;
  }
}

/** The value of a service's metric; of several with labels, of the first that has the label as it stands in the text. */
export async function metricOf(httpUrl: string, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`${httpUrl}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(name) && each.includes(label));
  return Number(line?.split(' ').at(-1)?.replace('+Inf', 'Infinity'));
}
