import { join } from 'node:path';
import { findNatsServer } from '../nats-server/nats-server.ts';
import { FreePorts } from '../setup/ports.ts';
import type { NodePrograms } from '../node/node-runner.ts';
import { planNats } from '../bus/bus-plan.ts';

const SERVICE = join(import.meta.dirname, 'tiny-service.ts');

/** Options of a test's tiny services. */
export interface TinyOptions {
  /** The file to which each service appends its name on SIGTERM. */
  readonly endings?: string;
  /** While this file is there, the first is not ready. */
  readonly frozen?: string;
  /** Whether they take no notice of SIGTERM. */
  readonly isStubborn?: boolean;
}

/** A real nats-server and two tiny services, to be run as a node. */
export async function tinyPrograms(
  data: string,
  { endings, frozen, isStubborn }: TinyOptions = {},
): Promise<NodePrograms> {
  const ports = new FreePorts();
  const service = async (name: string) => {
    const port = await ports.take();
    return {
      name,
      command: process.execPath,
      args: ['--disable-warning=ExperimentalWarning', SERVICE],
      environment: {
        TINY_NAME: name,
        TINY_PORT: String(port),
        ...(endings ? { TINY_ENDINGS: endings } : {}),
        ...(frozen && name === 'first' ? { TINY_FROZEN: frozen } : {}),
        ...(isStubborn ? { TINY_STUBBORN: 'yes' } : {}),
      },
      httpUrl: `http://127.0.0.1:${port}`,
    };
  };
  return {
    nats: await planNats(await findNatsServer(), data, await ports.take()),
    services: [await service('first'), await service('gateway')],
  };
}
