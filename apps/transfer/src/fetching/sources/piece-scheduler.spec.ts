// Real: the scheduler and the rule for the depth. Simulated: the clock and the peers, each with a line of its own.
import { PIECE_BYTES } from '@allibrary/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Holdings } from '../../wire/holdings.ts';
import { PieceScheduler } from './piece-scheduler.ts';
import { RequestDepth } from '../../wire/request-depth.ts';

const STEP_MS = 5;

/** A simulated peer: it answers one request after the other, at its rate, after its delay; or never. */
interface Peer {
  readonly id: string;
  readonly holdings: readonly number[] | null;
  readonly bytesPerMs: number;
  readonly delayMs: number;
  readonly joinsAtMs: number;
  /** From then on it sends nothing. */
  readonly stallsAtMs: number;
  /** At this moment its stream breaks. */
  readonly leavesAtMs: number;
}

const steady = { holdings: null, delayMs: 10, joinsAtMs: 0, stallsAtMs: Infinity, leavesAtMs: Infinity };

interface Request {
  readonly index: number;
  readonly askedAtMs: number;
  isCancelled: boolean;
}

interface Outcome {
  readonly tookMs: number;
  /** How often each piece was sent by a peer. */
  readonly sent: number;
  readonly bySource: ReadonlyMap<string, number>;
  readonly order: readonly number[];
}

/** One peer in the simulation: what was asked of it, and how far it is with the first of these. */
class SimulatedPeer {
  readonly open: Request[] = [];
  readonly line = new RequestDepth();
  #sentBytes = 0;

  constructor(readonly peer: Peer) {
    this.line.answered(peer.delayMs);
  }

  /** The pieces that are complete after one more step. */
  step(nowMs: number): Request[] {
    const done: Request[] = [];
    if (nowMs >= this.peer.stallsAtMs) return done;
    let budget = this.peer.bytesPerMs * STEP_MS;
    for (let first = this.open[0]; first && budget > 0; first = this.open[0]) {
      if (first.isCancelled && this.#sentBytes === 0) {
        this.open.shift();
        continue;
      }
      if (nowMs - first.askedAtMs < this.peer.delayMs) break;
      const bytes = Math.min(budget, PIECE_BYTES - this.#sentBytes);
      this.#sentBytes += bytes;
      budget -= bytes;
      this.line.received(bytes, nowMs);
      if (this.#sentBytes < PIECE_BYTES) break;
      this.#sentBytes = 0;
      this.open.shift();
      done.push(first);
    }
    return done;
  }
}

/** Fetches a document of the given number of pieces from simulated peers, with the calls that the engine makes. */
function simulate(pieces: number, peers: readonly Peer[], limitMs = 3_600_000): Outcome {
  const held = new Holdings(pieces);
  const scheduler = new PieceScheduler(held, 0.3);
  const here = new Map<string, SimulatedPeer>();
  const bySource = new Map<string, number>();
  const order: number[] = [];
  let sent = 0;
  let nowMs = 0;
  const come = () => {
    for (const peer of peers) {
      if (peer.joinsAtMs <= nowMs && nowMs < peer.leavesAtMs && !here.has(peer.id)) {
        here.set(peer.id, new SimulatedPeer(peer));
        scheduler.join(peer.id, peer.holdings && holdingsOf(pieces, peer.holdings));
      }
      if (nowMs >= peer.leavesAtMs && here.delete(peer.id)) scheduler.leave(peer.id);
    }
  };
  const receive = (source: SimulatedPeer) => {
    const { id } = source.peer;
    for (const { index, isCancelled } of source.step(nowMs)) {
      sent += 1;
      if (isCancelled || held.has(index)) continue;
      for (const slower of scheduler.finish(id, index, nowMs)) {
        const overtaken = here.get(slower)?.open.find((request) => request.index === index);
        if (overtaken) overtaken.isCancelled = true;
        scheduler.failed(slower, index);
      }
      bySource.set(id, (bySource.get(id) ?? 0) + 1);
      order.push(index);
    }
  };
  const ask = ({ peer: { id }, open, line }: SimulatedPeer) => {
    while (open.filter(({ isCancelled }) => !isCancelled).length < line.depth) {
      const index = scheduler.next(id, nowMs);
      if (index === undefined) return;
      expect(held.has(index)).toBe(false);
      scheduler.sent(id, index, nowMs);
      open.push({ index, askedAtMs: nowMs, isCancelled: false });
    }
  };
  for (; !scheduler.isComplete && nowMs < limitMs; nowMs += STEP_MS) {
    come();
    for (const source of here.values()) receive(source);
    for (const source of here.values()) ask(source);
  }
  expect(scheduler.isComplete).toBe(true);
  return { tookMs: nowMs, sent, bySource, order };
}

function holdingsOf(pieces: number, indices: readonly number[]): Holdings {
  const holdings = new Holdings(pieces);
  for (const index of indices) holdings.add(index);
  return holdings;
}

/** A MiB in a second, in bytes of a millisecond. */
const MIB_PER_SECOND = PIECE_BYTES / 1_000;

test('a document is complete, whatever the peers do, as long as one of them holds all of it and stays', () => {
  const peer = fc.record({
    id: fc.uuid(),
    bytesPerMs: fc.integer({ min: 1, max: 400 }).map((mib) => (mib * MIB_PER_SECOND) / 4),
    delayMs: fc.integer({ min: 1, max: 400 }),
    joinsAtMs: fc.nat(3_000),
    stallsAtMs: fc.oneof(fc.constant(Infinity), fc.nat(5_000)),
    leavesAtMs: fc.oneof(fc.constant(Infinity), fc.nat(5_000)),
    holdings: fc.oneof(fc.constant(null), fc.array(fc.nat(79))),
  });
  fc.assert(
    fc.property(fc.array(peer, { maxLength: 6 }), fc.integer({ min: 1, max: 80 }), (peers, pieces) => {
      const seeder = { ...steady, id: 'seeder', bytesPerMs: 4 * MIB_PER_SECOND };
      const { order } = simulate(pieces, [
        seeder,
        ...peers.map(({ holdings, ...rest }) => ({
          ...rest,
          holdings: holdings?.filter((index) => index < pieces) ?? null,
        })),
      ]);
      expect(new Set(order).size).toBe(pieces);
      expect(order.length).toBe(pieces);
    }),
    { numRuns: 60 },
  );
});

test('a line of any bandwidth and delay fills up', () => {
  for (const [mibPerSecond, delayMs] of [
    [100, 1],
    [50, 200],
    [1, 50],
  ] as const) {
    const { tookMs } = simulate(200, [{ ...steady, id: 'a', bytesPerMs: mibPerSecond * MIB_PER_SECOND, delayMs }]);
    const leastMs = (200 / mibPerSecond) * 1_000;
    expect(leastMs / tookMs).toBeGreaterThan(0.6);
  }
});

test('peers share the work as their lines allow', () => {
  const { bySource, sent } = simulate(400, [
    { ...steady, id: 'fast', bytesPerMs: 40 * MIB_PER_SECOND },
    { ...steady, id: 'slow', bytesPerMs: 10 * MIB_PER_SECOND },
  ]);
  expect((bySource.get('fast') ?? 0) / (bySource.get('slow') ?? 1)).toBeGreaterThan(3);
  expect((bySource.get('fast') ?? 0) / (bySource.get('slow') ?? 1)).toBeLessThan(5);
  expect(sent).toBeLessThan(410); // hardly a piece was sent twice
});

test('what a stalled peer owes is brought by another, soon', () => {
  const { tookMs } = simulate(100, [
    { ...steady, id: 'fast', bytesPerMs: 20 * MIB_PER_SECOND },
    { ...steady, id: 'stalled', bytesPerMs: 20 * MIB_PER_SECOND, stallsAtMs: 1_000 },
  ]);
  expect(tookMs).toBeLessThan(8_000); // alone the fast one needs 5 s
});

test('a peer that drips does not hold up the end', () => {
  const { tookMs } = simulate(100, [
    { ...steady, id: 'fast', bytesPerMs: 20 * MIB_PER_SECOND },
    { ...steady, id: 'drips', bytesPerMs: 0.001 },
  ]);
  expect(tookMs).toBeLessThan(8_000);
});

test('a peer that comes later takes part', () => {
  const { bySource } = simulate(200, [
    { ...steady, id: 'first', bytesPerMs: 10 * MIB_PER_SECOND },
    { ...steady, id: 'late', bytesPerMs: 10 * MIB_PER_SECOND, joinsAtMs: 5_000 },
  ]);
  expect(bySource.get('late')).toBeGreaterThan(50);
});

test('what a leaving peer was asked for is asked of others', () => {
  const { bySource } = simulate(60, [
    { ...steady, id: 'leaves', bytesPerMs: 10 * MIB_PER_SECOND, leavesAtMs: 1_000 },
    { ...steady, id: 'stays', bytesPerMs: 10 * MIB_PER_SECOND },
  ]);
  expect((bySource.get('leaves') ?? 0) + (bySource.get('stays') ?? 0)).toBe(60);
});

test('of the pieces that a peer can give, the rarest go first', () => {
  const scheduler = new PieceScheduler(new Holdings(6), 0);
  scheduler.join('a', holdingsOf(6, [0, 1, 2, 3]));
  scheduler.join('b', holdingsOf(6, [0, 1, 2]));
  scheduler.join('c', holdingsOf(6, [0, 1]));
  expect([scheduler.next('a', 0), scheduler.next('a', 0), scheduler.next('a', 0)]).toEqual([3, 2, 0]);
  scheduler.gained('c', [5, 5, 900]);
  expect(scheduler.next('c', 0)).toBe(5);
  scheduler.leave('b');
  scheduler.leave('c');
  expect(scheduler.next('a', 0)).toBe(1);
  expect(scheduler.next('a', 0)).toBeUndefined();
});

test('a piece that a peer does not give after all is asked of it again after a while, also when it left meanwhile', () => {
  const scheduler = new PieceScheduler(new Holdings(2), 0);
  scheduler.join('a', null);
  expect(scheduler.next('a', 0)).toBe(0);
  scheduler.failed('a', 0);
  scheduler.lacks('a', 0, 30_000);
  expect(scheduler.next('a', 0)).toBe(1);
  expect(scheduler.isStalled).toBe(false);
  scheduler.finish('a', 1, 10);
  expect(scheduler.next('a', 20)).toBeUndefined();
  expect(scheduler.isStalled).toBe(true);
  scheduler.leave('a');
  expect(scheduler.isStalled).toBe(false); // there is no source at all
  scheduler.join('a', null);
  expect(scheduler.next('a', 29_000)).toBeUndefined();
  expect(scheduler.next('a', 31_000)).toBe(0);
});

test('a piece that a peer could not give is asked of another, and of the same at once when it is to be tried again', () => {
  const scheduler = new PieceScheduler(new Holdings(1), 0);
  scheduler.join('a', null);
  scheduler.lacks('a', 0, 30_000);
  scheduler.join('b', null);
  expect(scheduler.next('b', 0)).toBe(0);
  scheduler.failed('b', 0);
  scheduler.lacks('b', 0, 30_000);
  expect(scheduler.isStalled).toBe(true);
  scheduler.forgetLacking();
  expect(scheduler.next('a', 0)).toBe(0);
});

test('a piece that is lost is fetched again', () => {
  const scheduler = new PieceScheduler(new Holdings(2), 0.5);
  scheduler.join('a', null);
  for (const index of [scheduler.next('a', 0), scheduler.next('a', 0)]) scheduler.finish('a', index ?? -1, 5);
  expect(scheduler.next('a', 10)).toBeUndefined();
  scheduler.lost(1);
  expect(scheduler.isComplete).toBe(false);
  expect(scheduler.next('a', 10)).toBe(1);
});

test('requests that wait for the limits are nobody’s fault', () => {
  const scheduler = new PieceScheduler(new Holdings(1), 0);
  scheduler.join('a', null);
  scheduler.join('b', null);
  expect(scheduler.next('a', 0)).toBe(0);
  expect(scheduler.next('b', 1_000_000)).toBeUndefined();
  scheduler.sent('a', 0, 1_000_000);
  expect(scheduler.next('b', 1_000_500)).toBeUndefined();
  expect(scheduler.next('b', 1_010_000)).toBe(0);
  expect(scheduler.finish('b', 0, 1_010_100)).toEqual(['a']);
  expect(scheduler.isComplete).toBe(true);
});
