// Real: the read model's SQLite file, the outbox.
import { Bus } from '@allibrary/messaging';
import type { ReadModel } from '@allibrary/platform';
import { type TempFolder, type TestNats, startNats, tempFolder } from '@allibrary/testing';
import { TrafficCounted } from '@allibrary/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Outbox } from '../outbox.ts';
import { openTransferReadModel } from '../transfer-read-model.ts';
import { TrafficLedger } from './traffic-ledger.ts';

let folder: TempFolder;
let nats: TestNats;
let bus: Bus;
let model: ReadModel;
let outbox: Outbox;
const day = '2026-11-23';
beforeEach(async () => {
  [nats, folder] = await Promise.all([startNats(), tempFolder()]);
  bus = await Bus.connect({ servers: nats.url, token: nats.token, name: 'test' });
  model = openTransferReadModel(folder.path);
  outbox = new Outbox(model, bus);
});
afterEach(async () => {
  model.close();
  await bus.close();
  await nats.stop();
  await folder.remove();
});

const ledgerOf = (counter: string): TrafficLedger => new TrafficLedger(model, outbox, counter);
const inOutbox = (): unknown[] =>
  model.db
    .prepare('SELECT data FROM outbox ORDER BY id')
    .all()
    .map((row) => JSON.parse(String(row['data'])) as unknown);

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

test('each day counts for itself, and is said when it is over', () => {
  const ledger = ledgerOf('one');
  ledger.count('sent', 5);
  ledger.store(day);
  ledger.count('sent', 3);
  ledger.store('2026-11-24');
  expect([ledger.since(day).sent, ledger.since('2026-11-24').sent]).toEqual([8, 3]);
  expect(inOutbox()).toEqual([{ counter: 'one', day, receivedBytes: 0, sentBytes: 5 }]);
});

test('facts that come again, or late, change nothing', () => {
  const ledger = ledgerOf('new');
  const fact = { counter: 'old', day, receivedBytes: 50, sentBytes: 9 };
  for (const each of [fact, { ...fact, receivedBytes: 20, sentBytes: 1 }, fact])
    ledger.take(TrafficCounted.schema.parse(each));
  expect(ledger.since(day)).toEqual({ received: 50, sent: 9 });
});

test('it says only what is new', () => {
  const ledger = ledgerOf('one');
  ledger.say();
  ledger.count('received', 5);
  ledger.store(day);
  ledger.say();
  ledger.say();
  expect(inOutbox()).toEqual([{ counter: 'one', day, receivedBytes: 5, sentBytes: 0 }]);
});
