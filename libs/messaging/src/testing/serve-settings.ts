import { NestFactory } from '@nestjs/core';
import { Bus } from '../bus.ts';
import { JetStreamTransport } from '../jetstream-transport.ts';
import { SettingsResponder } from '../settings.responder.ts';
import { StoredSettings } from '../stored-settings.ts';

/** Answers requests about the settings in transfer's name, for tests of other services; returns how to end that. */
export async function serveSettings(bus: Bus, stored: StoredSettings): Promise<() => Promise<void>> {
  const module = {
    module: class SettingsModule {},
    controllers: [SettingsResponder],
    providers: [
      { provide: Bus, useValue: bus },
      { provide: StoredSettings, useValue: stored },
    ],
  };
  const strategy = new JetStreamTransport({ bus, service: 'transfer' });
  const app = await NestFactory.createMicroservice(module, { strategy, logger: false });
  await app.listen();
  return () => app.close();
}
