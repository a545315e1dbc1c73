import { setTimeout as delay } from 'node:timers/promises';
import { STREAMS, type StreamName } from '@allibrary/contracts';
import { type JetStreamManager, RetentionPolicy, StorageType, jetstreamManager } from '@nats-io/jetstream';
import type { Bus } from './bus.ts';

const READY_LIMIT_MS = 30_000;
const RETRY_PAUSE_MS = 300;
/** A fact that is published again within this window is stored once. */
const DUPLICATE_WINDOW_NANOS = 120 * 1e9;

/** Makes sure that every stream exists as the contracts say, and answers the manager that knows it. */
export async function provisionStreams(bus: Bus): Promise<JetStreamManager> {
  const manager = await jetStreamReady(bus);
  for (const [name, { subjects }] of Object.entries(STREAMS))
    await provision(manager, name as StreamName, [...subjects]);
  return manager;
}

/** Waits until JetStream answers: a broker that has just started, or a cluster without a leader, does not yet. */
export async function jetStreamReady(bus: Bus): Promise<JetStreamManager> {
  const deadline = performance.now() + READY_LIMIT_MS;
  for (;;) {
    try {
      return await jetstreamManager(bus.connection);
    } catch (error) {
      if (performance.now() > deadline) {
        throw new Error('JetStream does not answer: is nats-server running with -js?', { cause: error });
      }
      await delay(RETRY_PAUSE_MS);
    }
  }
}

async function provision(manager: JetStreamManager, name: StreamName, subjects: string[]): Promise<void> {
  const settings = { subjects, duplicate_window: DUPLICATE_WINDOW_NANOS };
  try {
    await manager.streams.update(name, settings);
  } catch {
    await manager.streams.add({ name, ...settings, retention: RetentionPolicy.Limits, storage: StorageType.File });
  }
}
