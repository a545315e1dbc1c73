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

/** How the sources of a service show that it sends or receives a message. */
interface Signs {
  readonly sends: RegExp;
  readonly receives: RegExp;
}

/** Messages that services exchange through classes of libs/messaging, and what shows that they use them. */
const THROUGH_CLASSES: Readonly<Record<string, Signs>> = {
  ReadSettings: { sends: /new (?:Remote)?Settings\(bus\)/, receives: /\bSettingsResponder\b/ },
  WriteSettings: { sends: /new RemoteSettings\(bus\)/, receives: /\bSettingsResponder\b/ },
  CheckSettings: { sends: /new RemoteSettings\(bus\)/, receives: /\bSettingsResponder\b/ },
  SettingsChanged: { sends: /\bSettingsResponder\b/, receives: /\b[sS]ettings\.follow\(|\bCollections\.open\(/ },
};

/** Returns who sends and who receives a contract's message, as the sources show it. */
export function participantsOf(contract: string, services: ServiceSources): Participants {
  const { sends, receives } = THROUGH_CLASSES[contract] ?? signsOf(contract);
  const matching = (pattern: RegExp): string[] =>
    [...services].filter(([, source]) => pattern.test(source)).map(([name]) => name);
  return { from: matching(sends), to: matching(receives) };
}

const signsOf = (contract: string): Signs => ({
  sends: new RegExp(`\\b(?:publish|add|signal|request|requestMany|ask)\\(\\s*${contract}\\b`),
  receives: new RegExp(`@On\\w+\\(${contract}\\b|\\.watch\\(${contract}\\b|:\\s*${contract},\\n`),
});
