import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PeerPacer } from './peer-pacer.ts';

const never = new AbortController().signal;
const LIMITS = { streams: 2, rate: { burst: 4, perMinute: 60 } };
let pacer: PeerPacer;
let granted: string[];

beforeEach(() => {
  vi.useFakeTimers();
  pacer = new PeerPacer(LIMITS, () => performance.now());
  granted = [];
});
afterEach(() => vi.useRealTimers());

function want(name: string, peerId = 'peer', signal = never): Promise<() => void> {
  const turn = pacer.take(peerId, signal);
  turn.then(() => granted.push(name)).catch(() => {});
  return turn;
}
/** Wants a turn that is never given back. */
const hold = (name: string): void => void want(name).catch(() => {});
const settle = () => vi.advanceTimersByTimeAsync(0);

test('no more streams to a peer are open at once than allowed; those that wait go first come, first served', async () => {
  const [first] = [want('a'), want('b'), want('c'), want('d')];
  const other = want('x', 'another peer');
  await other;
  await settle();
  expect(granted).toEqual(['a', 'b', 'x']);
  const release = await first;
  release();
  release(); // counts once
  await settle();
  expect(granted).toEqual(['a', 'b', 'x', 'c']);
});

test('after a burst, streams are opened at the rate', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
    want(name).then(
      (release) => release(),
      () => {},
    );
  await settle();
  expect(granted).toEqual(['a', 'b', 'c', 'd']);
  await vi.advanceTimersByTimeAsync(999);
  expect(granted).toHaveLength(4);
  await vi.advanceTimersByTimeAsync(2);
  expect(granted).toEqual(['a', 'b', 'c', 'd', 'e']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(granted).toHaveLength(6);
});

test('a pause that a peer asks for is kept, within bounds', async () => {
  pacer.pause('peer', 5_000);
  hold('a');
  await vi.advanceTimersByTimeAsync(4_999);
  expect(granted).toEqual([]);
  await vi.advanceTimersByTimeAsync(2);
  expect(granted).toEqual(['a']);
  pacer.pause('peer', Number.MAX_SAFE_INTEGER);
  hold('b');
  await vi.advanceTimersByTimeAsync(300_001);
  expect(granted).toEqual(['a', 'b']);
});

test('a request that is cancelled gives up its turn, and takes none', async () => {
  const leaving = new AbortController();
  hold('a');
  hold('b');
  const left = want('c', 'peer', leaving.signal);
  leaving.abort(new Error('no longer wanted'));
  await expect(left).rejects.toThrow('no longer wanted');
  await expect(want('d', 'peer', AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
  expect(granted).toEqual(['a', 'b']);
});

test('the requests that wait for one peer are bounded', async () => {
  const waiting = Array.from({ length: LIMITS.streams + 1_000 }, () => want('a'));
  await expect(want('one more')).rejects.toThrow('too many requests');
  await want('b', 'another peer');
  expect(waiting).toHaveLength(1_002);
});
