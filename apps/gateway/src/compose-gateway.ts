import { join } from 'node:path';
import { RemoteSettings, Settings, type StoredSettings } from '@allibrary/messaging';
import type { Foundations } from '@allibrary/platform';
import { Admission } from './auth/admission.ts';
import { ApiKey, keptApiKey } from './auth/api-key.ts';
import { Sessions } from './auth/sessions.ts';
import { ContentSource } from './documents/content-source.ts';
import { EventHub } from './events/event-hub.ts';
import type { GatewayConfig } from './gateway.config.ts';
import { Shutdown } from './http/shutdown.ts';
import { FederatedSearch } from './search/federated-search.ts';
import { SeenAnswers } from './search/seen-answers.ts';
import { NodeStatus } from './status/node-status.ts';
import { observeStreams } from './status/stream-metrics.ts';

/** Authentication of the REST interface. */
export interface Access {
  readonly admission: Admission;
  readonly sessions: Sessions;
}

/** A composed gateway: what its controllers call, and its lifetime. */
export interface Gateway {
  readonly access: Access;
  readonly settings: Settings;
  readonly storedSettings: StoredSettings;
  readonly content: ContentSource;
  readonly status: NodeStatus;
  readonly search: FederatedSearch;
  readonly events: EventHub;
  readonly shutdown: Shutdown;
  start(): void;
  /** Ends the responses that would never end by themselves, so that the server can close. */
  stop(): Promise<void>;
  /** Closes the file of earlier searches, once the server has closed. */
  close(): Promise<void>;
}

/** Builds the gateway. */
export function composeGateway(config: GatewayConfig, { bus, logger, health, metrics }: Foundations): Gateway {
  const sessions = new Sessions();
  const apiKey = new ApiKey(config.apiKey ?? keptApiKey(config.dataDir));
  const access = { admission: new Admission(apiKey, sessions, metrics, logger), sessions };
  const storedSettings = new RemoteSettings(bus);
  const settings = new Settings(bus, storedSettings);
  const content = new ContentSource({ ...config.transferCarrier, token: config.carrierToken });
  const status = new NodeStatus(bus, logger);
  const seen = new SeenAnswers(join(config.dataDir, 'gateway', 'searches.db'), Date.now);
  const search = new FederatedSearch(bus, seen, logger);
  const events = new EventHub(bus, logger, metrics);
  const shutdown = new Shutdown();
  observeStreams(metrics, bus);
  health.addCheck('status', () => status.problem());
  return {
    ...{ access, settings, storedSettings, content, status, search, events, shutdown },
    start: () => events.start(),
    stop: async () => {
      shutdown.abort();
      await events.close();
    },
    close: async () => seen.close(),
  };
}
