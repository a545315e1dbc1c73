// Real: the files that decide what an installation runs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from './run-command.ts';

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');

test('no dependency runs a script when it is installed, whichever npm installs it', () => {
  expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
  expect(read('tools/boot.mjs')).toMatch(/'ci', '--ignore-scripts'/);
  const installs = read('Dockerfile').match(/npm (ci|prune|install)[^\n]*/g) ?? [];
  expect(installs).toHaveLength(2);
  for (const command of installs) expect(command).toContain('--ignore-scripts');
});

test('the telemetry of a dependency is off for installations that run scripts all the same', () => {
  expect(JSON.parse(read('package.json'))).toMatchObject({ scarfSettings: { enabled: false } });
});
