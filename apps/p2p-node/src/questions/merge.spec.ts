import { expect, test } from 'vitest';
import { merge } from './merge.ts';

/** A series whose values come when the test says so. */
function controlled<T>() {
  const values: PromiseWithResolvers<T | undefined>[] = [Promise.withResolvers()];
  let isEnded = false;
  async function* series(): AsyncGenerator<T, void> {
    try {
      for (let at = 0; ; at++) {
        const value = await values[at]?.promise;
        if (value === undefined) return;
        yield value;
      }
    } finally {
      isEnded = true;
    }
  }
  const say = (value: T | undefined) => {
    const last = values.at(-1);
    values.push(Promise.withResolvers());
    last?.resolve(value);
  };
  return { series: series(), say, isEnded: () => isEnded };
}

async function* of<T>(...values: T[]): AsyncGenerator<T, void> {
  yield* values;
}

async function collect<T>(series: AsyncGenerator<T, void>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of series) values.push(value);
  return values;
}

test('a value comes as soon as its series has it, whatever the others wait for', async () => {
  const slow = controlled<string>();
  const merged = merge(slow.series, of('a', 'b'));
  expect((await merged.next()).value).toBe('a');
  expect((await merged.next()).value).toBe('b');
  slow.say('late');
  expect((await merged.next()).value).toBe('late');
  slow.say(undefined);
  expect((await merged.next()).done).toBe(true);
});

test('nothing, one and many series', async () => {
  expect(await collect(merge<number>())).toEqual([]);
  expect(await collect(merge(of(1, 2)))).toEqual([1, 2]);
  expect(new Set(await collect(merge(of(1), of<number>(), of(2), of(3))))).toEqual(new Set([1, 2, 3]));
});

test('a failure of one series is a failure of all', async () => {
  async function* broken(): AsyncGenerator<number, void> {
    yield 1;
    throw new Error('broken');
  }
  await expect(collect(merge(broken(), of(2)))).rejects.toThrow('broken');
});

test('leaving the loop ends a series that waits, once it can go on', async () => {
  const slow = controlled<string>();
  for await (const value of merge(slow.series, of('a'))) {
    expect(value).toBe('a');
    break;
  }
  slow.say('nobody hears it');
  await expect.poll(slow.isEnded).toBe(true);
});
