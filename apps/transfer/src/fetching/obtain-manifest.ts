import { setImmediate as yieldToOthers } from 'node:timers/promises';
import {
  BlockMismatch,
  type Manifest,
  type ManifestNode,
  StoredManifest,
  fetchManifest,
  isPiece,
  type nodeCid,
  singlePieceManifest,
} from '@allibrary/core';
import { ProtocolViolation } from '../wire/frames.ts';
import type { Description } from '../wire/messages.ts';
import type { PieceClient } from '../wire/piece-client.ts';

type Cid = ReturnType<typeof nodeCid>;

/** Stores the nodes of manifests: each as it comes, to be read again when a piece below it is verified. */
export interface ManifestStore {
  node(cid: string): Uint8Array | undefined;
  saveNode(documentId: string, node: ManifestNode): void;
}

/** A verified manifest; of a document of a single piece, that piece has come with it. */
export interface ObtainedManifest {
  readonly manifest: Manifest;
  readonly onlyPiece?: Buffer;
}

/**
 * Gets a document's manifest, verified from its CID down: from the store what is there, from the peer what is not. Rejects with
 * a {@link ProtocolViolation} when the peer described a document of another size.
 */
export async function obtainManifest(
  cid: Cid,
  client: PieceClient,
  { sizeBytes: describedBytes }: Pick<Description, 'sizeBytes'>,
  store: ManifestStore,
  signal: AbortSignal,
): Promise<ObtainedManifest> {
  const acceptSize = (sizeBytes: number): void => {
    if (sizeBytes === describedBytes) return;
    throw new ProtocolViolation(`it described ${describedBytes} bytes, but the document has ${sizeBytes}`);
  };
  if (isPiece(cid)) {
    const onlyPiece = await client.node(cid, cid, signal);
    acceptSize(onlyPiece.length);
    return { manifest: singlePieceManifest(cid, onlyPiece), onlyPiece };
  }
  await fetchManifest(cid, {
    fetch: async (at) => (await stored(at, store)) ?? client.node(cid, at, signal),
    acceptSize,
    keep: (node) => store.saveNode(cid.toString(), node),
  });
  return { manifest: openStored(cid, store) };
}

/** The manifest of a document whose nodes are all in the store; undefined when one is missing or damaged, or there is none. */
export async function manifestFromStore(cid: Cid, store: ManifestStore): Promise<Manifest | undefined> {
  if (isPiece(cid)) return undefined;
  try {
    await fetchManifest(cid, { fetch: async (at) => (await stored(at, store)) ?? Promise.reject(new NodeMissing()) });
    return openStored(cid, store);
  } catch (error) {
    if (error instanceof NodeMissing || error instanceof BlockMismatch) return undefined;
    throw error;
  }
}

/** Reads a stored node, and yields to other work: a vast document has thousands of nodes. */
async function stored(cid: Cid, store: ManifestStore): Promise<Uint8Array | undefined> {
  const block = store.node(cid.toString());
  if (block) await yieldToOthers();
  return block;
}

const openStored = (cid: Cid, store: ManifestStore): StoredManifest =>
  new StoredManifest(cid, (at) => {
    const block = store.node(at.toString());
    if (block) return block;
    throw new NodeMissing(`the node ${at} of the manifest is no longer stored: it is fetched again`);
  });

class NodeMissing extends Error {
  override readonly name = 'NodeMissing';
}
