import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RateLimit } from '../gate/rate-limit.ts';
import {
  BAN_NOTICE_LIMITS,
  DHT_LOOKUP_LIMITS,
  KAD_LIMITS,
  PEER_EXCHANGE_LIMITS,
  PIECES_LIMITS,
  QUESTION_LIMITS,
  clientShareOf,
} from './protocol-limits.ts';

const PROTOCOLS = { question: QUESTION_LIMITS, peers: PEER_EXCHANGE_LIMITS, pieces: PIECES_LIMITS };
const LATEST_MS = 10_000;

/** A client with work for a while: it sends as soon as its own bucket lets it, by its own clock. */
const client = fc.record({
  /** How much faster the client's clock runs than the server's. */
  drift: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
  /** Pauses between the spells in which it sends all that it may. */
  pausesMs: fc.array(fc.nat(120_000), { minLength: 1, maxLength: 5 }),
  spellMs: fc.nat(60_000),
  /** How long the network delays each request; the order stays. */
  delaysMs: fc.array(fc.nat(LATEST_MS), { minLength: 1, maxLength: 50 }),
});

describe.each(Object.entries(PROTOCOLS))('%s: this program as a client', (_name, limits) => {
  test('never exceeds the rate of the server, whatever the clocks and the network do', () => {
    fc.assert(
      fc.property(client, ({ drift, pausesMs, spellMs, delaysMs }) => {
        const own = new RateLimit(clientShareOf(limits).rate, 1);
        const theirs = new RateLimit(limits.rate, 1);
        let [ownMs, arrivedMs, sent] = [0, 0, 0];
        for (const pauseMs of pausesMs) {
          ownMs += pauseMs;
          const endMs = ownMs + spellMs;
          for (; ownMs <= endMs; ownMs += own.waitMs('server', ownMs)) {
            if (!own.take('server', ownMs)) continue;
            arrivedMs = Math.max(arrivedMs, ownMs / (1 + drift) + (delaysMs[sent++ % delaysMs.length] ?? 0));
            if (!theirs.take('client', arrivedMs)) return false;
          }
        }
        return true;
      }),
      { numRuns: 50 },
    );
  });

  test('opens fewer streams than the server serves', () => {
    expect(clientShareOf(limits).streams).toBeLessThan(limits.streams.perHolder);
  });
});

test('a client may always have one stream', () => {
  expect(clientShareOf(BAN_NOTICE_LIMITS)).toMatchObject({ streams: 1, rate: { burst: 1 } });
});

test('lookups of a client that all query the same node stay below the limits of that node', () => {
  const share = clientShareOf(KAD_LIMITS);
  expect(DHT_LOOKUP_LIMITS.streams).toBeLessThan(share.streams / 2); // kad-dht has lookups of its own
  expect(DHT_LOOKUP_LIMITS.rate.burst).toBeLessThan(share.rate.burst / 2);
  expect(DHT_LOOKUP_LIMITS.rate.perMinute).toBeLessThan(share.rate.perMinute / 2);
});
