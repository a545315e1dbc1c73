/** What a node has refused to peers, or held against them. */
import { expect } from 'vitest';
import type { Seedbox } from './seedbox.ts';

const COUNTERS =
  /^allibrary_(peer_offences|dht_record_offences|refused_connections|refused_questions|refused_streams)_total\{/;
const REFUSED_QUESTIONS = /^allibrary_peer_questions_total\{.*result="(busy|failed)"/;
const KEPT_OUT = /^allibrary_kept_out_peers\b/;

/** The lines of the node's metrics that count refusals and misbehaviour, without those that are 0. */
export async function refusals(seedbox: Seedbox): Promise<string[]> {
  const { httpUrl } = (await seedbox.state()).programs['p2p-node'] ?? {};
  const lines = (await (await fetch(`${httpUrl}/metrics`)).text()).split('\n');
  const counted = lines.filter((line) => [COUNTERS, REFUSED_QUESTIONS, KEPT_OUT].some((kind) => kind.test(line)));
  expect(counted.length).toBeGreaterThan(10); // or the names have changed
  return counted.filter((line) => !line.endsWith(' 0'));
}
