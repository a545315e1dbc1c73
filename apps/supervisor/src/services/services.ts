/** The services in the order in which they start; they stop in the opposite one. */
export const SERVICES = ['transfer', 'p2p-node', 'indexer', 'watcher', 'gateway'] as const;

/** The name of a service. */
export type Service = (typeof SERVICES)[number];
