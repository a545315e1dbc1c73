import { type Options, UsageError } from './options.ts';
import { FreePorts, isBlocked, whyNotOpen } from './ports.ts';
import { SERVICES, type Service } from '../services/services.ts';

/** The ports of one node; they stay the same after each restart of a service. */
export interface PortPlan {
  readonly http: Readonly<Record<Service, number>>;
  readonly p2p: number;
  readonly nats: number;
  readonly transferCarrier: number;
  readonly p2pCarrier: number;
}

type PortOptions = Pick<Options, 'http-host' | 'http-port' | 'p2p-port'>;

/** Plans a node's ports; throws a {@link UsageError} when one that the user chose cannot be opened. */
export async function planPorts(options: PortOptions, p2pHost: string): Promise<PortPlan> {
  const { 'http-host': host, 'http-port': web, 'p2p-port': p2p } = options;
  if (web !== 0 && web === p2p)
    throw new UsageError([`--http-port and --p2p-port are both ${web}. Give two different ports.`]);
  const problems = [await webProblem(web, host), await problem('--p2p-port', p2p, p2pHost)];
  const found = problems.filter((each) => each !== undefined);
  if (found.length > 0) throw new UsageError(found);

  const ports = new FreePorts();
  // The ports that the user chose come first: those of the other services move out of the way.
  const http: Partial<Record<Service, number>> = { gateway: await ports.take(web, host) };
  const chosen = p2p === 0 ? undefined : await ports.take(p2p, p2pHost);
  const others = SERVICES.filter((name) => name !== 'gateway');
  for (const [index, name] of others.entries()) http[name] = await ports.take(beside(web, 1 + index));
  return {
    http: http as Record<Service, number>,
    p2p: chosen ?? (await ports.take(0, p2pHost)),
    nats: await ports.take(),
    transferCarrier: await ports.take(),
    p2pCarrier: await ports.take(),
  };
}

/** The port at this distance from the web page's; 0, which means any, where HTTP clients block it. */
const beside = (web: number, distance: number): number => (web === 0 || isBlocked(web + distance) ? 0 : web + distance);

const webProblem = async (port: number, host: string): Promise<string | undefined> =>
  isBlocked(port)
    ? `--http-port: browsers refuse to connect to port ${port}. Give another one.`
    : problem('--http-port', port, host);

async function problem(option: string, port: number, host: string): Promise<string | undefined> {
  const why = await whyNotOpen(port, host);
  return why && `${option}: ${host} port ${port} ${why}. Give another one.`;
}
