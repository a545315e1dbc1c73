// Real: nats-server, a service without parts of its own, its HTTP server.
import { type RunningService, startService } from './run.ts';
import { commonSettings, defineConfig } from './config.ts';
import { Logger } from './logger.ts';
import { type TempFolder, type TestNats, eventually, startNats, tempFolder } from '@allibrary/testing';
import { Module } from '@nestjs/common';
import { afterEach, beforeEach, expect, test } from 'vitest';

@Module({})
class NoParts {}

const config = defineConfig(commonSettings);
const definition = { service: 'gateway', config, module: () => ({ module: NoParts }) };

let nats: TestNats;
let folder: TempFolder;
let service: RunningService;
beforeEach(async () => {
  [nats, folder] = await Promise.all([startNats(), tempFolder()]);
});
afterEach(async () => {
  await service.stop();
  await nats.stop();
  await folder.remove();
});

test('a service whose bus has room and does not answer is not ready, and is ready again when it does', async () => {
  const settings = config.parse({
    ALLIBRARY_NATS_URL: nats.url,
    ALLIBRARY_NATS_TOKEN: nats.token,
    ALLIBRARY_NATS_STORE: nats.store,
    ALLIBRARY_DATA: folder.path,
  });
  service = await startService(definition, settings, new Logger({ service: 'gateway', level: 'silent' }));
  const checks = async () =>
    ((await (await fetch(`${service.httpUrl}/health/ready`)).json()) as { checks: unknown }).checks;
  expect(await checks()).toEqual({ nats: null, disk: null });
  await nats.restart(async () => {
    await eventually(async () => expect(await checks()).toMatchObject({ nats: 'nats-server does not answer' }) ?? true);
  });
  await eventually(async () => expect(await checks()).toEqual({ nats: null, disk: null }) ?? true);
});
