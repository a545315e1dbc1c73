import { expect, test } from 'vitest';
import { Health } from './health.ts';

test('every check is reported with its problem, and one that throws is a problem too', async () => {
  const health = new Health();
  health.addCheck('well', () => null);
  health.addCheck('ill', async () => 'the disk is full');
  health.addCheck('broken', () => {
    throw new Error('it does not even answer');
  });
  expect(await health.report()).toEqual({ well: null, ill: 'the disk is full', broken: 'it does not even answer' });
});
