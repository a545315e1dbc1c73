import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who has to do with a contract, service by service. */
export interface Participants {
  /** Who publishes the event, sends the signal or asks the question. */
  readonly from: readonly string[];
  /** Who handles, hears or answers it. */
  readonly to: readonly string[];
}

/** The sources of each service, without its tests. */
export type ServiceSources = ReadonlyMap<string, string>;

/** Reads the sources of all services below a checkout. */
export function readServices(root: string): ServiceSources {
  const services = new Map<string, string>();
  for (const path of globSync('apps/*/src/**/*.ts', { cwd: root }).toSorted()) {
    if (path.endsWith('.spec.ts') || path.includes('/testing/')) continue;
    const service = path.split('/')[1] ?? '';
    services.set(service, `${services.get(service) ?? ''}\n${readFileSync(join(root, path), 'utf8')}`);
  }
  return services;
}

/** Tells from the sources who says a contract's message and who takes it. */
export function participantsOf(contract: string, services: ServiceSources): Participants {
  const says = new RegExp(`\\b(?:publish|add|signal|request|requestMany|ask)\\(\\s*${contract}\\b`);
  const takes = new RegExp(`@On\\w+\\(${contract}\\b|\\.watch\\(${contract}\\b|:\\s*${contract},\\n`);
  const matching = (pattern: RegExp): string[] =>
    [...services].filter(([, source]) => pattern.test(source)).map(([name]) => name);
  return { from: matching(says), to: matching(takes) };
}
