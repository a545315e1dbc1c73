import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dashboardFile, dashboardText, dashboards } from './dashboards.ts';

test.for(dashboards)('$id.json is up to date: if not, run node tools/boot.mjs tools/dashboards.ts', (plan) => {
  expect(readFileSync(dashboardFile(plan), 'utf8')).toBe(dashboardText(plan));
});

test.for(dashboards)('every panel of $id has a name of its own, a sentence, and a query', ({ rows }) => {
  const panels = rows.flatMap((row) => row.panels);
  expect(panels.filter(({ description, queries }) => !description.endsWith('.') || queries.length === 0)).toEqual([]);
  for (const row of rows) expect(new Set(row.panels.map(({ title }) => title)).size).toBe(row.panels.length);
});
