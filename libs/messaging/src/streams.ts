import { setTimeout as delay } from 'node:timers/promises';
import { STREAMS } from '@allibrary/contracts';
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { Bus } from './bus.ts';
import { describeError } from './describe-error.ts';

const READY_LIMIT_MS = 30_000;
const RETRY_PAUSE_MS = 300;
/** A fact that is published again within this window is stored once. */
const DUPLICATE_WINDOW_NANOS = 120 * 1e9;

/**
 * Waits until every stream exists as the contracts say, and returns the manager. Only the service that owns the streams
 * may create or update one (bus-permissions.ts): for the others the broker refuses, and they try until it was done.
 */
export async function provisionStreams(bus: Bus): Promise<JetStreamManager> {
  const manager = await jetStreamReady(bus);
  for (const [name, { subjects }] of Object.entries(STREAMS)) {
    const settings = { subjects: [...subjects], duplicate_window: DUPLICATE_WINDOW_NANOS };
    await patiently(`the stream ${name} can't be made`, () => provision(manager, name, settings, bus.replicas));
  }
  return manager;
}

/** Waits until JetStream answers: a broker that has just started, or a cluster without a leader, does not yet. */
export const jetStreamReady = (bus: Bus): Promise<JetStreamManager> =>
  patiently('JetStream does not answer: is nats-server running with -js?', () => jetstreamManager(bus.connection));

async function provision(
  manager: JetStreamManager,
  name: string,
  settings: Pick<StreamConfig, 'subjects' | 'duplicate_window'>,
  replicas: number,
): Promise<void> {
  const existing = await existingStream(manager, name);
  if (existing) {
    const wanted = { ...settings, num_replicas: Math.max(existing.num_replicas, replicas) };
    if (!isAsWanted(existing, wanted)) await manager.streams.update(name, wanted);
  } else {
    await create(manager, {
      ...{ name, ...settings, num_replicas: replicas },
      ...{ retention: RetentionPolicy.Limits, storage: StorageType.File },
    });
  }
}

/**
 * Creates a stream without a past. Where nats-server cannot read what it stored of a stream, it starts without it, and
 * takes up the remains of messages and consumers when a stream of that name is created: consumers then skip facts.
 */
async function create(manager: JetStreamManager, config: StreamConfigToCreate): Promise<void> {
  const { created, state } = await manager.streams.add(config);
  if (state.messages === 0 || Date.parse(state.first_ts) >= Date.parse(created)) return;
  await manager.streams.delete(config.name);
  await manager.streams.add(config);
}

type StreamConfigToCreate = Parameters<JetStreamManager['streams']['add']>[0];
const isAsWanted = (existing: StreamConfig, wanted: Partial<StreamConfig>): boolean =>
  existing.num_replicas === wanted.num_replicas &&
  existing.duplicate_window === wanted.duplicate_window &&
  existing.subjects.join(' ') === wanted.subjects?.join(' ');

/** The configuration of a stream; undefined when there is none. */
export async function existingStream(manager: JetStreamManager, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await manager.streams.info(name)).config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined;
    throw error;
  }
}

/** Tries until it works: a cluster refuses for some seconds while it elects a leader. */
export async function patiently<T>(problem: string, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + READY_LIMIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw new Error(`${problem} (${describeError(error)})`, { cause: error });
      await delay(RETRY_PAUSE_MS);
    }
  }
}
