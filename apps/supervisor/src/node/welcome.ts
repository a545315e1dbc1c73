import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceProgram } from '../services/programs.ts';

const ANSWER_LIMIT_MS = 10_000;

/** What the user needs to know of a node that has just become ready. */
export async function welcome(
  services: readonly ServiceProgram[],
  { library, data }: { readonly library: string; readonly data: string },
): Promise<string> {
  const gateway = services.find(({ name }) => name === 'gateway');
  const httpUrl = gateway?.httpUrl ?? '';
  const apiKey = gateway?.environment['ALLIBRARY_API_KEY'] ?? readFileSync(join(data, 'api-key'), 'utf8').trim();
  return [
    '',
    'The node runs.',
    ...entry('Web page', [httpUrl]),
    ...entry('API key', [apiKey]),
    ...entry('Library', [library]),
    ...entry('Data, logs', [data]),
    ...entry('Addresses', await addresses(httpUrl, apiKey)),
    ...entry(
      'Metrics',
      services.map((service) => `${service.httpUrl}/metrics (${service.name})`),
    ),
    '',
    'Ctrl-C stops it.',
  ].join('\n');
}

const entry = (title: string, values: readonly string[]): string[] =>
  values.map((value, index) => `  ${(index === 0 ? title : '').padEnd(12)}${value}`);

/** Where peers reach the node. It runs, even if it is too busy to reply. */
async function addresses(httpUrl: string, apiKey: string): Promise<string[]> {
  try {
    const response = await fetch(`${httpUrl}/api/v1/status`, {
      headers: { authorization: `Bearer ${apiKey}` },
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    const { multiaddrs = [] } = (await response.json()) as { multiaddrs?: string[] };
    return multiaddrs;
  } catch (error) {
    return [`not known yet (${(error as Error).message}): see ${httpUrl}`];
  }
}
