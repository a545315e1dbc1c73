import { gatewayConfig } from './gateway.config.ts';
import { gatewayModule } from './gateway.module.ts';
import { prepareHttp } from './http/prepare-http.ts';

/** The gateway: REST, server-sent events and the web page, in front of all other services. */
export const gateway = { service: 'gateway', config: gatewayConfig, module: gatewayModule, prepare: prepareHttp };
