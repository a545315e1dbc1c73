import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readArguments } from './arguments.ts';

/** The checkout that this program belongs to. */
export const projectRoot = resolve(import.meta.dirname, '../../../..');

/** Invalid options; each problem is one line with its remedy. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number')
  .transform(Number)
  .refine((number) => number <= 65_535, 'must be at most 65535');

const bootstrap = z
  .string()
  .regex(
    /^(\s*\/[^\s,]+\/p2p\/\w+\s*(,|$))*$/,
    'must be multiaddrs that end in /p2p/<peer id>, with commas between them',
  );

const natsUrl = z.url({ protocol: /^(nats|tls)$/ });
const natsUrls = z
  .string()
  .refine(
    (text) => text.split(',').every((url) => natsUrl.safeParse(url).success),
    'must be a URL like nats://127.0.0.1:4222, or several with commas between them',
  );

const apiKey = z.string().regex(/^[!-~]{16,}$/, 'must have 16 or more printable ASCII characters, and no space');

interface Option {
  readonly schema: z.ZodType;
  readonly value: string;
  readonly sentence: string;
}

const option = <T extends z.ZodType>(schema: T, value: string, sentence: string) => ({ schema, value, sentence });

/** Every option: the same as a variable ALLIBRARY_<NAME>; the option wins. */
const OPTIONS = {
  library: option(
    z.string().default(join(projectRoot, 'library')),
    'DIR',
    'The folder that a new node shares. Default: ./library',
  ),
  data: option(
    z.string().default(join(projectRoot, 'data')),
    'DIR',
    "The node's own files: identity, index, state, logs. Default: ./data",
  ),
  'http-host': option(
    z.string().min(1).default('127.0.0.1'),
    'ADDRESS',
    'The address of the web page and the API. Default: 127.0.0.1',
  ),
  'http-port': option(port.default(8080), 'PORT', 'Its port; 0 takes any free one. Default: 8080'),
  'p2p-port': option(
    port.default(6881),
    'PORT',
    'The one port that is open to peers; 0 takes any free one. Default: 6881',
  ),
  bootstrap: option(bootstrap.default(''), 'MULTIADDR,…', 'The peers to meet first.'),
  'nats-url': option(
    natsUrls.optional(),
    'URL,…',
    'A nats-server that runs already, or those of a cluster, instead of one of our own.',
  ),
  'log-level': option(
    z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
    'LEVEL',
    'trace, debug, info, warn or error. Default: info',
  ),
} satisfies Record<string, Option>;

type Values = { [K in keyof typeof OPTIONS]: z.output<(typeof OPTIONS)[K]['schema']> };

/** What the node is started with. */
export interface Options extends Values {
  /** Not an option, so that `ps` does not show it. */
  readonly apiKey: string | undefined;
  readonly natsToken: string | undefined;
}

/** The text of --help. */
export function helpText(): string {
  const lines = Object.entries(OPTIONS).map(
    ([name, { value, sentence }]) => `  ${`--${name} ${value}`.padEnd(26)}${sentence}`,
  );
  return [
    'Starts an AlLibrary node: five services and their message bus.',
    '',
    'Usage: npm start -- [OPTION]…',
    '',
    ...lines,
    `  ${'--version'.padEnd(26)}Shows the version.`,
    `  ${'--help'.padEnd(26)}Shows this.`,
    '',
    'Each option is also a variable, such as ALLIBRARY_HTTP_PORT. ALLIBRARY_API_KEY sets the key of the API,',
    'ALLIBRARY_NATS_TOKEN the token for --nats-url.',
  ].join('\n');
}

/** Whether the user asks for help. */
export const asksForHelp = (args: readonly string[]): boolean => args.includes('--help') || args.includes('-h');

/** Whether the user asks for the version. */
export const asksForVersion = (args: readonly string[]): boolean => args.includes('--version');

/** Reads the options; throws a {@link UsageError} that lists every problem. */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): Options {
  const { given, problems } = readArguments(args, environment, Object.keys(OPTIONS));
  const read = <T>(source: string, schema: z.ZodType<T>, text: string | undefined): T | undefined => {
    const { data, error } = schema.safeParse(text);
    // What is secret is not shown.
    const shown = source.endsWith('API_KEY') ? '' : `, and is ${JSON.stringify(text)}`;
    if (error) problems.push(`${source} ${error.issues.map(({ message }) => message).join('; ')}${shown}.`);
    return data;
  };
  const values = Object.entries(OPTIONS).map(([name, { schema }]) => {
    const variable = `ALLIBRARY_${name.toUpperCase().replaceAll('-', '_')}`;
    const [source, text] = name in given ? [`--${name}`, given[name]] : [variable, environment[variable] || undefined];
    return [name, read<unknown>(source, schema, text)] as const;
  });
  const key = read('ALLIBRARY_API_KEY', apiKey.optional(), environment['ALLIBRARY_API_KEY'] || undefined);
  if (problems.length > 0) throw new UsageError(problems);
  return {
    ...(Object.fromEntries(values) as Values),
    apiKey: key,
    natsToken: environment['ALLIBRARY_NATS_TOKEN'] || undefined,
  };
}
