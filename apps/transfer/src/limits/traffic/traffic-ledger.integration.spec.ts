// Real: the read model's SQLite file. The test itself takes what is said.
import { type Data, TrafficCounted } from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTransferReadModel } from '../../catalog/transfer-read-model.ts';
import { TrafficLedger } from './traffic-ledger.ts';

type Fact = Data<typeof TrafficCounted>;

let folder: TempFolder;
let model: ReadModel;
const day = '2026-11-23';
beforeEach(async () => {
  folder = await tempFolder();
  model = openTransferReadModel(folder.path);
});
afterEach(async () => {
  model.close();
  await folder.remove();
});

const ledgerOf = (counter: string): TrafficLedger => new TrafficLedger(model, counter);
const publishedBy = async (ledger: TrafficLedger): Promise<Fact[]> => {
  const said: Fact[] = [];
  await ledger.publish(async (fact) => void said.push(fact));
  return said;
};

test('what was stored is there after a restart, and a new life counts on', () => {
  const first = ledgerOf('first');
  first.count('received', 100);
  first.count('sent', 7);
  first.store(day);
  first.count('received', 1_000); // lost: the process is killed before it stores again
  const second = ledgerOf('second');
  second.count('received', 20);
  second.store(day);
  expect(second.since('2026-11-01')).toEqual({ received: 120, sent: 7 });
  expect(second.since('2026-11-24')).toEqual({ received: 0, sent: 0 });
});

test('each day counts for itself, and is said', async () => {
  const ledger = ledgerOf('one');
  ledger.count('sent', 5);
  ledger.store(day);
  ledger.count('sent', 3);
  ledger.store('2026-11-24');
  expect([ledger.since(day).sent, ledger.since('2026-11-24').sent]).toEqual([8, 3]);
  expect(await publishedBy(ledger)).toEqual([
    { counter: 'one', day, receivedBytes: 0, sentBytes: 5 },
    { counter: 'one', day: '2026-11-24', receivedBytes: 0, sentBytes: 3 },
  ]);
});

test('facts that come again, or late, change nothing', () => {
  const ledger = ledgerOf('new');
  const fact = { counter: 'old', day, receivedBytes: 50, sentBytes: 9 };
  for (const each of [fact, { ...fact, receivedBytes: 20, sentBytes: 1 }, fact])
    ledger.take(TrafficCounted.schema.parse(each));
  expect(ledger.since(day)).toEqual({ received: 50, sent: 9 });
});

test('it publishes only what is new, and again what could not be published', async () => {
  const ledger = ledgerOf('one');
  expect(await publishedBy(ledger)).toEqual([]);
  ledger.count('received', 5);
  ledger.store(day);
  await expect(ledger.publish(() => Promise.reject(new Error('the broker is away')))).rejects.toThrow('away');
  expect(await publishedBy(ledger)).toEqual([{ counter: 'one', day, receivedBytes: 5, sentBytes: 0 }]);
  expect(await publishedBy(ledger)).toEqual([]);
});
