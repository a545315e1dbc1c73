import { BUS_ROLES, type BusRole, type BusService } from './bus-roles.ts';
import type { EventContract } from './contract.ts';
import { STREAMS, type StreamName } from './streams.ts';

/** The only service that may create streams and change their configuration; the others wait for it. */
export const STREAM_OWNER: BusService = 'transfer';

/** The subjects that one NATS user may use. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** How long after a request its replies may be sent; 0 for a user without responders. */
  readonly replyLimitMs: number;
}

/** A user of nats-server. */
export interface BusUser {
  readonly name: string;
  /** In the syntax of nats-server's configuration: a quoted string or a variable. */
  readonly password: string;
  /** Undefined for the operator, who has all permissions. */
  readonly permissions: Permissions | undefined;
}

/** The prefix of a user's reply subjects: nobody else may listen there. */
export const inboxPrefix = (user: string): string => `_INBOX.${user}`;

/** A reply may be late by as much as the requester's clock and the network allow. */
const REPLY_MARGIN_MS = 30_000;

/** Returns what a service's NATS user may do, derived from its role on the bus. */
export function permissionsOf(service: BusService): Permissions {
  const role = BUS_ROLES[service];
  const subjects = (contracts: readonly { readonly subject: string }[]) => contracts.map(({ subject }) => subject);
  return {
    publish: [
      ...subjects([...role.publishes, ...role.signals, ...role.requests]),
      ...streamAccess(service),
      ...role.consumes.map(createConsumer),
      ...streamsOf(role.consumes).flatMap(consumerAccess),
      ...(role.consumes.length > 0 ? [`dead.${service}.>`] : []),
      ...(service === STREAM_OWNER ? LEGACY_SETTINGS_ACCESS : []),
    ],
    subscribe: [...subjects([...role.watches, ...role.answers]), `${inboxPrefix(service)}.>`],
    replyLimitMs: longestReplyMs(role),
  };
}

/** Permissions of the supervisor: only the JetStream health check. */
export const SUPERVISOR_PERMISSIONS: Permissions = {
  publish: ['$JS.API.INFO'],
  subscribe: [`${inboxPrefix('supervisor')}.>`],
  replyLimitMs: 0,
};

const longestReplyMs = ({ answers }: BusRole): number =>
  answers.length === 0 ? 0 : Math.max(...answers.map(({ timeoutMs }) => timeoutMs)) + REPLY_MARGIN_MS;

const streamsOf = (contracts: readonly EventContract[]): StreamName[] => [
  ...new Set(contracts.map(({ stream }) => stream)),
];

/** `STREAM.UPDATE` would let a service republish facts that it may not read, so that only one has it. */
function streamAccess(service: BusService): string[] {
  const names = Object.keys(STREAMS);
  const all = names.map((name) => `$JS.API.STREAM.INFO.${name}`);
  const changes = service === STREAM_OWNER ? ['CREATE', 'UPDATE', 'DELETE'] : [];
  const backlogOfTransfer = service === 'watcher' ? ['$JS.API.CONSUMER.LIST.LIBRARY'] : [];
  const owned = changes.flatMap((verb) => names.map((name) => `$JS.API.STREAM.${verb}.${name}`));
  return ['$JS.API.INFO', ...all, ...owned, ...backlogOfTransfer];
}

/**
 * nats-server compares the last part with the consumer's filter, so that a service creates consumers of its own events
 * alone. It has no wildcard for the beginning of a name: the durables of others are protected by the random generation
 * in their names, and by nobody else being allowed to list them.
 */
const createConsumer = ({ stream, subject }: EventContract): string => `$JS.API.CONSUMER.CREATE.${stream}.*.${subject}`;

const consumerAccess = (stream: StreamName): string[] => [
  ...['INFO', 'DELETE', 'MSG.NEXT'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.*`),
  `$JS.ACK.${stream}.*.>`,
];

/** The bucket in which versions until 0.1 kept the settings: transfer takes them over and deletes it. */
const LEGACY_SETTINGS_ACCESS: readonly string[] = ['INFO', 'MSG.GET', 'DELETE'].map(
  (verb) => `$JS.API.STREAM.${verb}.KV_settings`,
);

/** nats-server reserves three quarters of the free disk by default. This store may grow until the disk is full. */
export const BUS_STORE_LIMITS: readonly string[] = ['max_file_store: 1TB', 'max_memory_store: 64MB'];

/** A power cut may lose what was stored in the last 10 s; see docs/adr/0043. */
export const BUS_SYNC_INTERVAL = 'sync_interval: "10s"';

/** Returns the environment variable that holds the password of a user of nats-server. */
export const passwordVariable = (user: string): string => `NATS_PASSWORD_${user.toUpperCase().replaceAll('-', '_')}`;

/** Returns the block `authorization` of nats-server's configuration. */
export function authorizationConfig(users: readonly BusUser[]): string {
  return ['authorization {', '  users: [', ...users.flatMap(userLines), '  ]', '}'].join('\n');
}

function userLines({ name, password, permissions }: BusUser): string[] {
  const head = [`    {`, `      user: ${JSON.stringify(name)}`, `      password: ${password}`];
  return [...head, ...(permissions ? permissionLines(permissions) : []), '    }'];
}

function permissionLines({ publish, subscribe, replyLimitMs }: Permissions): string[] {
  const list = (name: string, subjects: readonly string[]) => [
    `        ${name}: [`,
    ...subjects.map((subject) => `          ${JSON.stringify(subject)}`),
    '        ]',
  ];
  const replies = replyLimitMs > 0 ? [`        allow_responses: { max: -1, expires: "${replyLimitMs}ms" }`] : [];
  return ['      permissions: {', ...list('publish', publish), ...list('subscribe', subscribe), ...replies, '      }'];
}
