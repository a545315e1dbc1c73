import type { EventContract } from '@allibrary/contracts';
import { type ConsumerInfo, jetstreamManager } from '@nats-io/jetstream';
import type { Bus } from './bus.ts';
import { findDurable } from './durables.ts';

/** Durable consumer name for one service, read-model generation and subject. */
export const durableName = (service: string, generation: string | undefined, { subject }: EventContract): string =>
  [service, generation, subject].filter(Boolean).join('__').replaceAll('.', '_');

/** Number of facts of a kind that a service has still to handle in one read-model generation; null without a durable. */
export async function ownBacklog(
  bus: Bus,
  service: string,
  generation: string,
  contract: EventContract,
): Promise<number | null> {
  const manager = await jetstreamManager(bus.connection, { checkAPI: false });
  const info = await findDurable(manager, contract.stream, durableName(service, generation, contract));
  return info ? waitingFor(info) : null;
}

/** Events that no handler has settled yet, those in hand among them. */
const waitingFor = ({ num_pending: pending, num_ack_pending: inHand }: ConsumerInfo): number => pending + inHand;

/**
 * How many facts of a kind another service has still to handle; null when it never asked for them. A service whose read
 * model was rebuilt leaves its old durable behind, so the one that is ahead is taken for the one in use.
 */
export async function backlogOf(bus: Bus, service: string, contract: EventContract): Promise<number | null> {
  let least: number | null = null;
  for await (const { durable, waiting } of backlogs(bus, contract)) {
    if (durable.startsWith(`${service}__`)) least = Math.min(least ?? Number.POSITIVE_INFINITY, waiting);
  }
  return least;
}

/** What waits for each durable of facts of a kind, what it has in hand included. */
async function* backlogs(
  bus: Bus,
  { stream, subject }: EventContract,
): AsyncGenerator<{ durable: string; waiting: number }> {
  const manager = await jetstreamManager(bus.connection, { checkAPI: false });
  for await (const info of manager.consumers.list(stream)) {
    if (info.config.filter_subject === subject) yield { durable: info.name, waiting: waitingFor(info) };
  }
}
