import { Bus } from '@allibrary/messaging';
import { Health, Logger, Metrics, ReadModel } from '@allibrary/platform';
import {
  type DynamicModule,
  Inject,
  Injectable,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { type ComposedP2pNode, type Foundations, composeP2pNode } from './compose-p2p-node.ts';
import { DocumentConsumer } from './dht/announcing/document.consumer.ts';
import { CurrentNetwork } from './network/current-network.ts';
import type { P2pNodeConfig } from './p2p-node.config.ts';
import { NetworkResponder } from './status/network.responder.ts';

const P2P_NODE = Symbol('p2p-node');

/** What the platform provides, checked by the compiler. */
@Injectable()
class ProvidedFoundations implements Foundations {
  constructor(
    @Inject(Bus) readonly bus: Bus,
    @Inject(Logger) readonly logger: Logger,
    @Inject(Health) readonly health: Health,
    @Inject(Metrics) readonly metrics: Metrics,
  ) {}
}

/** Starts and closes p2p-node with the service. */
@Module({})
export class P2pNodeModule implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(P2P_NODE) private readonly node: ComposedP2pNode) {}

  static with(config: P2pNodeConfig): DynamicModule {
    return {
      module: P2pNodeModule,
      controllers: [DocumentConsumer, NetworkResponder],
      providers: [
        ProvidedFoundations,
        {
          provide: P2P_NODE,
          inject: [ProvidedFoundations],
          useFactory: (foundations: Foundations) => composeP2pNode(config, foundations),
        },
        { provide: CurrentNetwork, inject: [P2P_NODE], useFactory: ({ network }: ComposedP2pNode) => network },
        { provide: ReadModel, inject: [P2P_NODE], useFactory: ({ readModel }: ComposedP2pNode) => readModel },
      ],
    };
  }

  onApplicationBootstrap(): void {
    this.node.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.node.close();
  }
}
