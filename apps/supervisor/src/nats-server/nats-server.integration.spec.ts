import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findNatsServer } from './nats-server.ts';

let folder: TempFolder;
let server: string;

beforeEach(async () => {
  folder = await tempFolder();
  server = join(folder.path, 'nats-server');
  await writeFile(server, '#!/bin/sh\n');
  vi.stubEnv('PATH', `/nowhere${delimiter}${delimiter}${folder.path}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await folder.remove();
});

test('the one on the PATH comes first', async () => {
  await chmod(server, 0o755);
  expect(await findNatsServer()).toBe(server);
});

test('a file that may not be run is passed over', async () => {
  const other = await tempFolder();
  try {
    const executable = join(other.path, 'nats-server');
    await writeFile(executable, '#!/bin/sh\n', { mode: 0o755 });
    vi.stubEnv('PATH', `${folder.path}${delimiter}${other.path}`);
    expect(await findNatsServer()).toBe(executable);
  } finally {
    await other.remove();
  }
});
