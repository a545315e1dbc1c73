// Stand in: networks that count how they are started and closed.
import { expect, test } from 'vitest';
import { CurrentNetwork, NetworkRestarting } from './current-network.ts';
import type { NetworkProfile } from './profile.ts';
import type { Network } from './start-network.ts';

const profile = (name: string) => ({ name }) as NetworkProfile;

/** Networks of which the test decides when they start. */
function networks({ waitLimitMs = 10_000 } = {}) {
  const events: string[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const start = async ({ name }: NetworkProfile, signal: AbortSignal): Promise<Network> => {
    events.push(`start ${name}`);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    signal.addEventListener('abort', () => gate.reject(signal.reason));
    await gate.promise;
    const closing = new AbortController();
    return {
      profile: profile(name),
      closing: closing.signal,
      close: async () => {
        closing.abort();
        events.push(`close ${name}`);
      },
    } as Partial<Network> as Network;
  };
  const current = new CurrentNetwork(profile('a'), start, waitLimitMs);
  /** Lets the start that waits go on, or fail. */
  const proceed = async (error?: Error) => {
    while (gates.length === 0) await new Promise((resume) => setImmediate(resume));
    const gate = gates.shift();
    if (error) gate?.reject(error);
    else gate?.resolve();
  };
  return { current, events, proceed };
}

const nameOf = ({ profile: { name } }: Network) => name;

test('a request waits for the network that starts', async () => {
  const { current, proceed } = networks();
  const answer = current.use(nameOf);
  const started = current.restart();
  await proceed();
  await started;
  expect(await answer).toBe('a');
});

test('a request that waits too long gets a code', async () => {
  const { current, proceed } = networks({ waitLimitMs: 10 });
  const started = current.restart();
  await expect(current.use(nameOf)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(current.use(nameOf)).rejects.toBeInstanceOf(NetworkRestarting);
  await proceed();
  await started;
  expect(await current.use(nameOf)).toBe('a');
});

test('a network is closed before the next one starts, whoever asks for how many', async () => {
  const { current, events, proceed } = networks();
  const changes = [current.restart(), current.replace(profile('b')), current.restart()];
  for (const change of changes) {
    await proceed();
    await change;
  }
  await current.close();
  expect(events).toEqual(['start a', 'close a', 'start b', 'close b', 'start b', 'close b']);
});

test('after a start that failed nothing runs, and the next start counts', async () => {
  const { current, proceed } = networks({ waitLimitMs: 10 });
  const failed = current.restart();
  await proceed(new Error('port in use'));
  await expect(failed).rejects.toThrow('port in use');
  await expect(current.use(nameOf)).rejects.toMatchObject({ code: 'unavailable' });
  const started = current.replace(profile('b'));
  await proceed();
  await started;
  expect(await current.use(nameOf)).toBe('b');
});

test('work that fails because its network ends gets the code; other errors stay as they are', async () => {
  const { current, proceed } = networks();
  const started = current.restart();
  await proceed();
  await started;
  await expect(current.use(() => Promise.reject(new Error('of the work')))).rejects.toThrow('of the work');
  const work = current.use(async ({ closing }) => {
    await new Promise((resolve) => closing.addEventListener('abort', resolve));
    throw new Error('the socket is closed');
  });
  const closed = current.close();
  await expect(work).rejects.toBeInstanceOf(NetworkRestarting);
  await closed;
});

test('a series ends with its network', async () => {
  const { current, proceed } = networks();
  const started = current.restart();
  await proceed();
  await started;
  const series = current.stream(new AbortController().signal, async function* (_, signal) {
    for (let n = 0; !signal.aborted; n++) yield n;
  });
  expect((await series.next()).value).toBe(0);
  await current.close();
  expect((await series.next()).done).toBe(true);
});

test('a close during a start ends the start and whoever waits', async () => {
  const { current, events } = networks();
  const results = Promise.allSettled([current.restart(), current.use(nameOf)]);
  await new Promise((resume) => setImmediate(resume));
  await current.close();
  const [started, waiting] = await results;
  expect(started.status).toBe('rejected');
  expect(waiting).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
  expect(events).toEqual(['start a']);
});
