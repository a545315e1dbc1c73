/**
 * One import rule. Patterns are globs over a path in the repository (`libs/core/src/**`) or a package (`@libp2p/*`,
 * `node:crypto`; its sub-paths are included). `{own}` stands for the workspace folder of the importing file.
 */
export interface Rule {
  readonly name: string;
  readonly sentence: string;
  /** The files that the rule speaks about. */
  readonly from: readonly string[];
  /** Only those of them that have a pure spec (`<name>.spec.ts`) beside them. */
  readonly withPureSpec?: boolean;
  /** Files among them that it leaves alone. */
  readonly except?: readonly string[];
  /** When given, everything that these files may import. */
  readonly only?: readonly string[];
  /** What these files may not import from outside of their own workspace. */
  readonly never?: readonly string[];
}

const everyFile = ['**'];
const products = ['{apps,libs}/**'];
/** Tests and the fixtures that an app keeps for its own. */
const specs = ['**/*.spec.ts', 'apps/*/src/testing/**'];
const pure = ['@allibrary/contracts', '@allibrary/core', 'node:crypto', 'node:path'];
const libp2p = ['libp2p', '@libp2p/*', '@multiformats/*', 'multiformats', 'uint8arraylist', 'uint8arrays', 'it-*'];
const nest = ['@nestjs/*', 'rxjs', 'express'];
const streaming = ['node:buffer', 'node:events', 'node:stream', 'node:timers'];
/** What reaches the network, the disk, another process or the clock. */
const effects = [
  '@allibrary/{carrier,library,messaging}',
  '@nats-io/*',
  'libp2p',
  'node:{child_process,fs,http,sqlite,timers,worker_threads}',
];
const contentFormats = ['multiformats', '@ipld/dag-pb', 'ipfs-unixfs'];

const layers: readonly Rule[] = [
  {
    name: 'contracts-stand-alone',
    sentence: 'libs/contracts imports zod alone, so that anybody can speak our messages.',
    from: ['libs/contracts/src/**'],
    except: specs,
    only: ['{own}/**', 'zod'],
  },
  {
    name: 'api-stands-on-contracts',
    sentence: 'libs/api imports contracts and zod: it describes the REST interface, and the web page reads its types.',
    from: ['libs/api/src/**'],
    except: [...specs, 'libs/api/src/open-api.ts'],
    only: ['{own}/**', '@allibrary/contracts', 'zod'],
  },
  {
    name: 'core-is-pure',
    sentence: 'libs/core imports contracts, node:crypto and node:path: no framework, network, disk or clock.',
    from: ['libs/core/src/**'],
    except: [...specs, 'libs/core/src/manifest/**'],
    only: ['{own}/**', ...pure],
  },
  {
    name: 'manifest-is-pure',
    sentence: "libs/core/src/manifest may also import IPFS's content formats, and nothing else.",
    from: ['libs/core/src/manifest/**'],
    except: specs,
    only: ['{own}/**', ...pure, ...contentFormats],
  },
  {
    name: 'pure-spec-means-pure',
    sentence: 'A file with a pure spec beside it imports no framework, network, disk or clock.',
    from: ['apps/*/src/**'],
    withPureSpec: true,
    except: [...specs, 'apps/gateway/src/http/**'],
    never: [...nest, ...effects],
  },
  {
    name: 'protocols-know-no-framework',
    sentence: 'libp2p protocol handlers import core, contracts, carrier and libp2p; never Nest, NATS or files.',
    from: ['apps/p2p-node/src/protocols/**'],
    except: specs,
    only: [
      '{own}/src/!(*.module|*.consumer|*.responder|*.controller|*.publisher|main).ts',
      '{own}/src/{addresses,gate,protocols}/**',
      ...pure,
      ...libp2p,
      ...streaming,
      '@allibrary/carrier',
      'zod',
    ],
  },
  {
    name: 'edges-translate',
    sentence:
      'Consumers, responders and controllers import api, contracts, core, messaging, Nest and files of their own app.',
    from: ['apps/*/src/**/*.{consumer,responder,controller}.ts'],
    only: [
      '{own}/src/**',
      ...pure,
      ...nest,
      ...streaming,
      '@allibrary/api',
      '@allibrary/library',
      '@allibrary/messaging',
      '@allibrary/platform',
      'node:http',
      'zod',
    ],
  },
  {
    name: 'no-app-imports-an-app',
    sentence: 'Apps meet over the bus: neither an app nor a lib imports an app.',
    from: products,
    never: ['apps/**', '@allibrary/{gateway,indexer,p2p-node,supervisor,transfer,watcher}'],
  },
  {
    name: 'tools-import-no-supervisor',
    sentence: 'The tools build and check the project; they do not depend on the program that runs it.',
    from: ['tools/**'],
    never: ['apps/supervisor/**', '@allibrary/supervisor'],
  },
  {
    name: 'supervisor-imports-no-tool',
    sentence: 'The supervisor starts tools as processes of their own; what both need is in a lib.',
    from: ['apps/supervisor/**'],
    never: ['tools/**'],
  },
  {
    name: 'no-deep-imports',
    sentence: 'A lib is imported by its name, through its entries; nobody reaches into its files.',
    from: everyFile,
    never: [
      'libs/**',
      '@allibrary/!(api|platform)/*',
      '@allibrary/api/!(client|open-api)',
      '@allibrary/platform/!(files)',
    ],
  },
  {
    name: 'tests-stay-outside',
    sentence: 'What only tests need is imported by specs and libs/testing alone.',
    from: products,
    except: [...specs, 'libs/testing/**'],
    never: ['@allibrary/testing', 'vitest', 'fast-check', 'ipfs-unixfs-importer'],
  },
];

/** The libraries that stand for a capability, each with the one file or folder that may know it. */
const capabilities: ReadonlyArray<{ readonly library: readonly string[]; readonly home: string }> = [
  { library: ['chokidar'], home: 'apps/watcher/src/seeing/folder-watcher.ts' },
  { library: ['bitfield'], home: 'apps/transfer/src/wire/holdings.ts' },
  { library: ['ignore'], home: 'apps/watcher/src/seeing/ignore-patterns.ts' },
  { library: ['libp2p', '@libp2p/*', '@chainsafe/*', 'datastore-level'], home: 'apps/p2p-node/src/**' },
  { library: ['@nats-io/*'], home: '{libs/messaging/**,apps/supervisor/src/bus/bus-probe.ts}' },
  { library: ['node:sqlite'], home: 'libs/platform/src/**' },
  { library: ['prom-client', 'pino'], home: 'libs/platform/**' },
  { library: ['unpdf', 'htmlparser2', 'yauzl'], home: 'apps/indexer/src/extraction/**' },
  { library: ['@hyzyla/pdfium'], home: 'apps/indexer/src/extraction/formats/pdfium.ts' },
  { library: ['tinypool'], home: 'apps/indexer/src/fts5/fts5-threads.ts' },
  { library: ['meilisearch'], home: 'apps/indexer/src/meilisearch/**' },
  { library: ['mime'], home: 'apps/transfer/src/**' },
];

const homes = capabilities.map(
  ({ library, home }): Rule => ({
    name: `one-home-for-${library[0]?.replace(/\W+/g, '-').replace(/^-|-$/g, '')}`,
    sentence: `Only ${home} imports ${library.join(', ')}, so that it can be replaced in one place.`,
    from: products,
    except: [...specs, home],
    never: library,
  }),
);

/** Every import rule of the project. */
export const rules: readonly Rule[] = [...layers, ...homes];
