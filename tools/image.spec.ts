import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUS_SERVICES } from '@allibrary/contracts';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const read = (file: string): string => readFileSync(join(import.meta.dirname, '..', file), 'utf8');

test('containers start services with the same flags as the supervisor', () => {
  expect(read('Dockerfile')).toContain('ENTRYPOINT ["node", "libs/platform/dist/container.js"]\n');
  const { services } = parse(read('docker-compose.yml')) as { services: Record<string, { command?: string[] }> };
  expect(BUS_SERVICES.map((name) => services[name]?.command)).toEqual(BUS_SERVICES.map((name) => [name]));
});
