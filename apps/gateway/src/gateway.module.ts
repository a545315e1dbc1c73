import { Bus, RemoteSettings, Settings, StoredSettings } from '@allibrary/messaging';
import { Logger, Metrics } from '@allibrary/platform';
import { type DynamicModule, Inject, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ApiKey, keptApiKey } from './auth/api-key.ts';
import { AuditController, FixityController } from './integrity/audit.controller.ts';
import { AuthGuard } from './auth/auth.guard.ts';
import { SessionController } from './auth/session.controller.ts';
import { CollectionsController } from './collections/collections.controller.ts';
import { FilesController } from './collections/files.controller.ts';
import { ContentController } from './documents/content.controller.ts';
import { ContentSource } from './documents/content-source.ts';
import { DocumentsController } from './documents/documents.controller.ts';
import { Sessions } from './auth/sessions.ts';
import { DownloadsController } from './downloads/downloads.controller.ts';
import { EventHub } from './events/event-hub.ts';
import { EventsController } from './events/events.controller.ts';
import type { GatewayConfig } from './gateway.config.ts';
import { ErrorFilter } from './http/error.filter.ts';
import { Shutdown } from './http/shutdown.ts';
import { validationPipe } from './http/validation.pipe.ts';
import { NodeStatus } from './status/node-status.ts';
import { PeersController } from './peers/peers.controller.ts';
import { FederatedSearch } from './search/federated-search.ts';
import { SearchController } from './search/search.controller.ts';
import { SettingsController } from './settings/settings.controller.ts';
import { observeStreams } from './status/stream-metrics.ts';
import { StatusController } from './status/status.controller.ts';
import { TrafficController } from './traffic/traffic.controller.ts';

@Module({})
class GatewayModule {
  constructor(@Inject(Metrics) metrics: Metrics, @Inject(Bus) bus: Bus) {
    observeStreams(metrics, bus);
  }
}

/** Wires the gateway for its settings. */
export const gatewayModule = (config: GatewayConfig): DynamicModule => ({
  module: GatewayModule,
  controllers: [
    StatusController,
    DocumentsController,
    ContentController,
    SearchController,
    DownloadsController,
    TrafficController,
    AuditController,
    FixityController,
    PeersController,
    CollectionsController,
    FilesController,
    SettingsController,
    EventsController,
    SessionController,
  ],
  providers: [
    { provide: ApiKey, useFactory: () => new ApiKey(config.apiKey ?? keptApiKey(config.dataDir)) },
    { provide: Sessions, useFactory: () => new Sessions() },
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_PIPE, useFactory: validationPipe },
    { provide: APP_FILTER, useClass: ErrorFilter },
    Shutdown,
    { provide: StoredSettings, useFactory: (bus: Bus) => new RemoteSettings(bus), inject: [Bus] },
    { provide: Settings, useFactory: (bus: Bus) => new Settings(bus), inject: [Bus] },
    {
      provide: ContentSource,
      useFactory: () => new ContentSource({ ...config.transferCarrier, token: config.carrierToken }),
    },
    {
      provide: NodeStatus,
      useFactory: (bus: Bus, logger: Logger) => new NodeStatus(bus, logger),
      inject: [Bus, Logger],
    },
    {
      provide: FederatedSearch,
      useFactory: (bus: Bus, logger: Logger) => new FederatedSearch(bus, logger),
      inject: [Bus, Logger],
    },
    {
      provide: EventHub,
      useFactory: (bus: Bus, logger: Logger, metrics: Metrics) => new EventHub(bus, logger, metrics),
      inject: [Bus, Logger, Metrics],
    },
  ],
});
