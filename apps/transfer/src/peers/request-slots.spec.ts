import { expect, test } from 'vitest';
import { type Claim, RequestSlots } from './request-slots.ts';

const never = new AbortController().signal;
const claims =
  (claim: Partial<Claim> = {}) =>
  (): Claim => ({ priority: 0, sources: 5, ...claim });

test('the urgent document goes first, then the rarer one, then who has waited longer', async () => {
  const slots = new RequestSlots(() => 1);
  const release = await slots.take(claims(), never);
  const order: string[] = [];
  const wait = async (name: string, claim: Partial<Claim>) => {
    const done = await slots.take(claims(claim), never);
    order.push(name);
    done();
  };
  const all = [
    wait('common', {}),
    wait('common, later', {}),
    wait('rare', { sources: 1 }),
    wait('urgent', { priority: 1, sources: 9 }),
  ];
  release();
  await Promise.all(all);
  expect(order).toEqual(['urgent', 'rare', 'common', 'common, later']);
});

test('who gives up loses only the place in the queue', async () => {
  const slots = new RequestSlots(() => 1);
  const release = await slots.take(claims(), never);
  const impatient = new AbortController();
  const givenUp = slots.take(claims({ priority: 9 }), impatient.signal);
  const patient = slots.take(claims(), never);
  impatient.abort(new Error('no longer wanted'));
  await expect(givenUp).rejects.toThrow('no longer wanted');
  release();
  (await patient)();
});

test('a line that turns out wider takes more at once', async () => {
  let capacity = 1;
  const slots = new RequestSlots(() => capacity);
  const first = await slots.take(claims(), never);
  const second = slots.take(claims(), never);
  const third = slots.take(claims(), never);
  capacity = 3;
  first();
  await expect(Promise.all([second, third])).resolves.toHaveLength(2);
});
