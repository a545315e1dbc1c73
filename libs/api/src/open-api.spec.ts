import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openApiDocument } from './open-api.ts';

test('docs/openapi.json is up to date: if not, run vitest with -u', async () => {
  const document = `${JSON.stringify(openApiDocument('0'), null, 2)}\n`;
  await expect(document).toMatchFileSnapshot(join(import.meta.dirname, '../../../docs/openapi.json'));
});

test('every operation names its role, and every path parameter is described', () => {
  const operations = Object.entries(openApiDocument('0').paths ?? {}).flatMap(([path, methods]) =>
    Object.values(methods as Record<string, { description: string; parameters?: { name: string; in: string }[] }>).map(
      ({ description, parameters = [] }) => ({ path, description, parameters }),
    ),
  );
  for (const { path, description, parameters } of operations) {
    expect(description).toMatch(/^Requires the role (reader|librarian|administrator)\.$/);
    const named = parameters.filter((each) => each.in === 'path').map(({ name }) => `{${name}}`);
    expect(path.match(/\{\w+\}/g) ?? []).toEqual(named);
  }
});
