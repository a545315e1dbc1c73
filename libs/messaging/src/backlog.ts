import type { EventContract } from '@allibrary/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import type { Bus } from './bus.ts';

/** The stream sequence of the newest fact in the stream of a contract. */
export async function newestSequence(bus: Bus, { stream }: EventContract): Promise<number> {
  const manager = await jetstreamManager(bus.connection, { checkAPI: false });
  return (await manager.streams.info(stream)).state.last_seq;
}

/**
 * How many facts of a kind a service has still to handle; null when it never asked for them. A service whose read model
 * was made anew leaves its old durable behind, so the one that is ahead is the one in use.
 */
export async function backlogOf(bus: Bus, service: string, contract: EventContract): Promise<number | null> {
  const manager = await jetstreamManager(bus.connection, { checkAPI: false });
  let least: number | null = null;
  for await (const { name, config, num_pending: pending, num_ack_pending: inHand } of manager.consumers.list(
    contract.stream,
  )) {
    if (config.filter_subject !== contract.subject || !name.startsWith(`${service}__`)) continue;
    least = Math.min(least ?? Number.POSITIVE_INFINITY, pending + inHand);
  }
  return least;
}
