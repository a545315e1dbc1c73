import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type ModuleMetadata,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';

/** The lifetime of a composed service. */
export interface Lifetime {
  /** Starts the work, once Nest has initialised the service. */
  start(): void | Promise<void>;
  /** Ends what the transport and the HTTP server would otherwise wait for when they stop. */
  stop?(): Promise<void>;
  /** Ends the rest, once no message can arrive any more. */
  close?(): Promise<void>;
}

const LIFETIME = Symbol('lifetime');

/** The Nest shell of a composed service. */
@Module({})
class ServiceModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(@Inject(LIFETIME) private readonly lifetime: Lifetime) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.lifetime.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.lifetime.stop?.();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.lifetime.close?.();
  }
}

/** Returns the Nest module of a composed service: its lifetime, its edges and the parts that they call. */
export function serviceModule(
  lifetime: Lifetime,
  { controllers = [], providers = [] }: Pick<ModuleMetadata, 'controllers' | 'providers'>,
): DynamicModule {
  return { module: ServiceModule, controllers, providers: [{ provide: LIFETIME, useValue: lifetime }, ...providers] };
}
