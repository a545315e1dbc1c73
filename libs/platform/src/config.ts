import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One setting: its environment variable, its shape with its default, and its sentence. */
export interface Setting<T extends z.ZodType = z.ZodType> {
  readonly variable: string;
  readonly schema: T;
  readonly sentence: string;
  /** Whether a file may hold it, named by the variable with _FILE at its end, as Docker's secrets are. */
  readonly isSecret?: boolean;
}

/** Declares a setting. */
export const setting = <T extends z.ZodType>(variable: string, schema: T, sentence: string): Setting<T> => ({
  variable,
  schema,
  sentence,
});

/** Declares a setting whose value is secret. */
export const secret = <T extends z.ZodType>(variable: string, schema: T, sentence: string): Setting<T> => ({
  ...setting(variable, schema, sentence),
  isSecret: true,
});

/** The values of a set of settings. */
export type ConfigOf<S extends Record<string, Setting>> = { readonly [K in keyof S]: z.output<S[K]['schema']> };

/** The settings of one service, and how they are read. */
export interface ConfigDefinition<S extends Record<string, Setting> = Record<string, Setting>> {
  readonly settings: S;
  /** Reads all settings at once; throws a {@link ConfigError} that lists every problem. */
  parse(environment: NodeJS.ProcessEnv): ConfigOf<S>;
}

/**
 * A service cannot start until its owner has changed something, such as a damaged secret: the message names it. The
 * process ends with code 2, so that its supervisor does not try again.
 */
export class StartRefused extends Error {
  override readonly name: string = 'StartRefused';
}

/** The configuration can't be used; the message lists all problems, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  constructor(readonly problems: readonly string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    );
  }
}

/** Declares the settings of a service. */
export function defineConfig<S extends Record<string, Setting>>(settings: S): ConfigDefinition<S> {
  return { settings, parse: (environment) => parse(settings, environment) };
}

function parse<S extends Record<string, Setting>>(settings: S, environment: NodeJS.ProcessEnv): ConfigOf<S> {
  const problems: string[] = [];
  const values = Object.entries(settings).map(([key, declared]) => {
    const { variable, schema, sentence } = declared;
    const given = textOf(declared, environment);
    if (given instanceof Error) {
      problems.push(`${variable}_FILE can't be read: ${given.message}. ${sentence}`);
      return [key, undefined];
    }
    const parsed = schema.safeParse(given);
    if (parsed.success) return [key, parsed.data];
    problems.push(`${variable} ${parsed.error.issues.map((issue) => issue.message).join('; ')}. ${sentence}`);
    return [key, undefined];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.fromEntries(values) as ConfigOf<S>;
}

/**
 * The text of a setting: from its variable, else, when it is a secret, from a file. An empty variable counts as missing.
 * An empty file is an error: its owner meant to set the secret, and a service without it would run unprotected.
 */
function textOf({ variable, isSecret = false }: Setting, environment: NodeJS.ProcessEnv): string | undefined | Error {
  const file = environment[`${variable}_FILE`];
  if (environment[variable] || !isSecret || !file) return environment[variable] || undefined;
  try {
    return readFileSync(file, 'utf8').trim() || new Error('it is empty');
  } catch (error) {
    return error as Error;
  }
}

/** A TCP port; 0 means any free one. */
export const Port = z.coerce.number('must be a port number').int().min(0).max(65_535);

/** `host:port`, as a value. */
export const HostAndPort = z
  .string('must be given as host:port')
  .regex(/^[^\s:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'must be host:port')
  .transform((text) => {
    const at = text.lastIndexOf(':');
    return { host: text.slice(0, at).replaceAll(/[[\]]/g, ''), port: Number(text.slice(at + 1)) };
  });

/** The settings that every service has. */
export const commonSettings = {
  natsUrl: setting(
    'ALLIBRARY_NATS_URL',
    z.string().default('nats://127.0.0.1:4222'),
    'Where nats-server listens; for a cluster, all its servers with commas between them.',
  ),
  natsReplicas: setting(
    'ALLIBRARY_NATS_REPLICAS',
    z.coerce
      .number('must be 1, 3 or 5')
      .pipe(z.union([z.literal(1), z.literal(3), z.literal(5)]))
      .default(1),
    'On how many servers of a NATS cluster each stream is kept.',
  ),
  natsToken: secret(
    'ALLIBRARY_NATS_TOKEN',
    z.string().optional(),
    'The token that nats-server asks for, when it has no users.',
  ),
  natsUser: setting('ALLIBRARY_NATS_USER', z.string().optional(), 'The NATS user as which this service connects.'),
  natsPassword: secret('ALLIBRARY_NATS_PASSWORD', z.string().optional(), 'The password of the NATS user.'),
  natsStore: setting(
    'ALLIBRARY_NATS_STORE',
    z.string().optional(),
    "The folder of nats-server's store, where it is on this machine: its full disk is then reported.",
  ),
  dataDir: setting(
    'ALLIBRARY_DATA',
    z.string('must be set'),
    'The folder in which each service keeps its own files, in a folder of its name.',
  ),
  httpHost: setting(
    'ALLIBRARY_HTTP_HOST',
    z.string().default('127.0.0.1'),
    'The address that serves /health and /metrics.',
  ),
  httpPort: setting('ALLIBRARY_HTTP_PORT', Port.default(0), 'The port that serves /health and /metrics; 0 takes any.'),
  metricsHosts: setting(
    'ALLIBRARY_METRICS_HOSTS',
    z
      .string()
      .default('')
      .transform((text) => text.split(',').flatMap((name) => name.trim().toLowerCase() || [])),
    'Host names with dots by which /metrics and /health may be asked, with commas between them.',
  ),
  logLevel: setting(
    'ALLIBRARY_LOG_LEVEL',
    z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
    'The least important level that is logged.',
  ),
};
