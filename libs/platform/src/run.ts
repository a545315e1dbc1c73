import 'reflect-metadata';
import { Bus, JetStreamTransport, describeError } from '@allibrary/messaging';
import { type DynamicModule, type INestApplication, Module, type Provider } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { type ConfigDefinition, ConfigError, type ConfigOf, StartRefused, type commonSettings } from './config.ts';
import { Health } from './health.ts';
import { Logger, nestLogger } from './logger.ts';
import { observeMessages } from './message-metrics.ts';
import { Metrics } from './metrics.ts';
import { dataFolderProblem, openDataFolder } from './data-folder.ts';
import { fullBusDisk } from './free-space.ts';
import { operationsMiddleware } from './operations.ts';
import { collectWhenQuiet } from './quiet-collection.ts';
import type { Rebuildable } from './read-model.ts';
import { shownUrls } from './shown-urls.ts';
import { isDamage } from './sqlite-file.ts';
import { observeWaiting } from './waiting-metrics.ts';

const STOP_LIMIT_MS = 10_000;
/** How often a service logs that it waits for the broker. */
const COMPLAIN_EVERY_MS = 10_000;

/** What the parts of every service may use. Nest provides them, too. */
export interface Foundations {
  readonly bus: Bus;
  readonly logger: Logger;
  readonly health: Health;
  readonly metrics: Metrics;
}

/** What a service is. */
export interface ServiceDefinition<S extends typeof commonSettings> {
  readonly service: string;
  readonly config: ConfigDefinition<S>;
  /** The service's own module, wired for its settings. */
  readonly module: (config: ConfigOf<S>, foundations: Foundations) => DynamicModule | Promise<DynamicModule>;
  /** What its HTTP server needs beyond /metrics and /health, before it listens. */
  readonly prepare?: (app: NestExpressApplication, config: ConfigOf<S>) => void;
}

/** A service that runs. */
export interface RunningService {
  readonly app: INestApplication;
  readonly httpUrl: string;
  stop(): Promise<void>;
}

/** Runs a service as this process until it receives a stop signal or its parent is gone. */
export async function run<S extends typeof commonSettings>(definition: ServiceDefinition<S>): Promise<void> {
  const config = readConfig(definition);
  const logger = new Logger({ service: definition.service, level: config.logLevel });
  try {
    const onDamage = () => {
      logger.error('SQLite reported damage: the service restarts, and rebuilds what it keeps');
      process.exit(1);
    };
    stopOnRequest(await startService(definition, config, logger, onDamage), logger);
    collectWhenQuiet();
  } catch (error) {
    logger.error({ error: describeError(error), stack: stackOf(error) }, `${definition.service} could not start`);
    process.exit(error instanceof StartRefused ? 2 : 1);
  }
}

/** Waits for the broker for as long as it takes, and logs it: without it there is nothing to do. */
async function connected(config: ConfigOf<typeof commonSettings>, name: string, logger: Logger): Promise<Bus> {
  const { natsUrl: servers, natsToken: token, natsReplicas: replicas, natsUser, natsPassword = '' } = config;
  const user = natsUser ? { name: natsUser, password: natsPassword } : undefined;
  const complaint = setInterval(() => {
    logger.warn({ servers: shownUrls(servers) }, 'nats-server does not answer: is it running there?');
  }, COMPLAIN_EVERY_MS);
  try {
    return await Bus.connect({ servers, token, user, name, replicas });
  } finally {
    clearInterval(complaint);
  }
}

/**
 * Starts a service inside this process; tests use it as well. `onDamage` is called when SQLite reported damage in a file
 * that only a new process can replace.
 */
export async function startService<S extends typeof commonSettings>(
  definition: ServiceDefinition<S>,
  config: ConfigOf<S>,
  logger: Logger,
  onDamage: () => void = () => {},
): Promise<RunningService> {
  const { service } = definition;
  await openDataFolder(config.dataDir);
  const health = new Health();
  const metrics = new Metrics(service);
  const bus = await connected(config, service, logger);
  health.addCheck('nats', async () => (await fullBusDisk(config.natsStore)) ?? (await bus.problem()));
  health.addCheck('disk', () => dataFolderProblem(config.dataDir));

  const foundations = foundationsModule([
    { provide: Bus, useValue: bus },
    { provide: Logger, useValue: logger },
    { provide: Health, useValue: health },
    { provide: Metrics, useValue: metrics },
  ]);
  const module = await definition.module(config, { bus, logger, health, metrics });
  const root = { module: RootModule, imports: [foundations, module] };
  const app = await NestFactory.create<NestExpressApplication>(root, {
    logger: nestLogger(logger),
    abortOnError: false,
    bodyParser: false,
    forceCloseConnections: true,
  });
  app.use(operationsMiddleware({ health, metrics, names: config.metricsHosts }));
  definition.prepare?.(app, config);

  const messages = observeMessages(metrics, logger);
  const noticeDamage = (error: unknown) => {
    if (!isDamage(error)) return;
    rebuildableOf(app)?.discard();
    onDamage();
  };
  const strategy = new JetStreamTransport({
    bus,
    service,
    generation: rebuildableOf(app)?.generation,
    onSettled: (settled) => {
      messages.onSettled(settled);
      noticeDamage(settled.error);
    },
    onInternalFailure: (subject, error) => {
      messages.onInternalFailure(subject, error);
      noticeDamage(error);
    },
    onRepairFailure: messages.onRepairFailure,
  });
  app.connectMicroservice({ strategy });
  await strategy.prepare(); // before any part of the service publishes
  await app.init(); // the service's own parts are open before its first message comes
  await app.startAllMicroservices();
  observeWaiting(metrics, strategy);
  await app.listen(config.httpPort, config.httpHost);
  const httpUrl = await app.getUrl();
  logger.info({ httpUrl }, `${service} runs`);
  return { app, httpUrl, stop: () => stopService(app, bus).finally(() => logger.flush()) };
}

async function stopService(app: INestApplication, bus: Bus): Promise<void> {
  try {
    await app.close();
  } finally {
    await bus.close();
  }
}

@Module({})
class RootModule {}

@Module({})
class FoundationsModule {}

const foundationsModule = (providers: Exclude<Provider, () => unknown>[]): DynamicModule => ({
  module: FoundationsModule,
  global: true,
  providers,
  exports: providers,
});

/** What the service keeps of the facts, when it keeps something: a read model, or the search index. */
function rebuildableOf(app: INestApplication): Rebuildable | undefined {
  const providers = [...app.get(ModulesContainer).values()].flatMap((module) => [...module.providers.values()]);
  const instances = providers.map(({ instance }): unknown => instance);
  return instances.find(isRebuildable);
}

function isRebuildable(instance: unknown): instance is Rebuildable {
  const { generation, discard } = (instance ?? {}) as Partial<Rebuildable>;
  return typeof generation === 'string' && typeof discard === 'function';
}

function readConfig<S extends typeof commonSettings>({ service, config }: ServiceDefinition<S>): ConfigOf<S> {
  try {
    return config.parse(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${service}: ${error.message}\n`);
    process.exit(2);
  }
}

/** Ends on SIGTERM and SIGINT, and when the supervisor that started this process is gone. */
function stopOnRequest(service: RunningService, logger: Logger): void {
  let stopping = false;
  const stop = (why: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ why }, 'stopping');
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref();
    service.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ error: describeError(error) }, 'stopped, but not cleanly');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('disconnect', () => stop('the supervisor is gone'));
}

const stackOf = (error: unknown): string | undefined => (error instanceof Error ? error.stack : undefined);
