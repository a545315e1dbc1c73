import type { Duplex } from 'node:stream';
import { callCarrier } from '@allibrary/carrier';
import { FindSources, PIECES_PROTOCOL } from '@allibrary/contracts';
import type { Bus } from '@allibrary/messaging';

const CALL_LIMIT_MS = 15_000;

/** Yields the peers that p2p-node finds for a document. It may look up ahead those that are needed `soon`. */
export async function* findSources(
  bus: Bus,
  documentId: string,
  soon: string[],
  signal: AbortSignal,
): AsyncGenerator<string> {
  for await (const { peerId } of bus.requestMany(FindSources, { documentId, soon }, { signal })) yield peerId;
}

/** Opens a byte-stream to a peer by p2p-node's carrier. */
export function openPeerStream(
  carrier: { readonly host: string; readonly port: number; readonly token: string },
  peerId: string,
  onBytes: (chunk: Buffer) => void,
  signal: AbortSignal,
): Promise<Duplex> {
  const header = { kind: 'peer', peerId, protocol: PIECES_PROTOCOL } as const;
  return callCarrier({ ...carrier, header, timeoutMs: CALL_LIMIT_MS, signal, onBytes });
}
