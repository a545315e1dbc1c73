import { Settings, StoredSettings } from '@allibrary/messaging';
import { type Foundations, serviceModule } from '@allibrary/platform';
import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { Admission } from './auth/admission.ts';
import { AuthGuard } from './auth/auth.guard.ts';
import { SessionController } from './auth/session.controller.ts';
import { Sessions } from './auth/sessions.ts';
import { CollectionsController } from './collections/collections.controller.ts';
import { FilesController } from './collections/files.controller.ts';
import { composeGateway } from './compose-gateway.ts';
import { ContentController } from './documents/content.controller.ts';
import { ContentSource } from './documents/content-source.ts';
import { DocumentsController } from './documents/documents.controller.ts';
import { DownloadsController } from './downloads/downloads.controller.ts';
import { EventHub } from './events/event-hub.ts';
import { EventsController } from './events/events.controller.ts';
import { type GatewayConfig, gatewayConfig } from './gateway.config.ts';
import { ErrorFilter } from './http/error.filter.ts';
import { prepareHttp } from './http/prepare-http.ts';
import { Shutdown } from './http/shutdown.ts';
import { AuditController } from './integrity/audit.controller.ts';
import { PeersController } from './peers/peers.controller.ts';
import { FederatedSearch } from './search/federated-search.ts';
import { SearchController } from './search/search.controller.ts';
import { SettingsController } from './settings/settings.controller.ts';
import { NodeStatus } from './status/node-status.ts';
import { StatusController } from './status/status.controller.ts';
import { TrafficController } from './traffic/traffic.controller.ts';

const CONTROLLERS = [
  StatusController,
  DocumentsController,
  ContentController,
  SearchController,
  DownloadsController,
  TrafficController,
  AuditController,
  PeersController,
  CollectionsController,
  FilesController,
  SettingsController,
  EventsController,
  SessionController,
];

function gatewayModule(config: GatewayConfig, foundations: Foundations): DynamicModule {
  const gateway = composeGateway(config, foundations);
  const { access } = gateway;
  return serviceModule(gateway, {
    controllers: CONTROLLERS,
    providers: [
      { provide: APP_GUARD, useValue: new AuthGuard(access.admission) },
      { provide: APP_FILTER, useValue: new ErrorFilter(foundations.logger) },
      { provide: Admission, useValue: access.admission },
      { provide: Sessions, useValue: access.sessions },
      { provide: Settings, useValue: gateway.settings },
      { provide: StoredSettings, useValue: gateway.storedSettings },
      { provide: ContentSource, useValue: gateway.content },
      { provide: NodeStatus, useValue: gateway.status },
      { provide: FederatedSearch, useValue: gateway.search },
      { provide: EventHub, useValue: gateway.events },
      { provide: Shutdown, useValue: gateway.shutdown },
    ],
  });
}

/** The gateway: REST, server-sent events and the web page, in front of all other services. */
export const gatewayService = {
  service: 'gateway',
  config: gatewayConfig,
  module: gatewayModule,
  prepare: prepareHttp,
};
