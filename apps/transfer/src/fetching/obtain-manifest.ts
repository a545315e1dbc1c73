import {
  BlockMismatch,
  type Manifest,
  type ManifestNode,
  fetchManifest,
  isPiece,
  type nodeCid,
  singlePieceManifest,
} from '@allibrary/core';
import type { PieceClient } from '../wire/piece-client.ts';

type Cid = ReturnType<typeof nodeCid>;

/** Where the nodes of manifests are kept, so that a download that goes on need not fetch them again. */
export interface ManifestStore {
  node(cid: string): Uint8Array | undefined;
  saveNodes(documentId: string, nodes: readonly ManifestNode[]): void;
}

/** A verified manifest; of a document of a single piece, that piece has come with it. */
export interface ObtainedManifest {
  readonly manifest: Manifest;
  readonly onlyPiece?: Buffer;
}

/** Gets a document's manifest, verified from its CID down: from the store what is there, from the peer what is not. */
export async function obtainManifest(
  cid: Cid,
  client: PieceClient,
  store: ManifestStore,
  signal: AbortSignal,
): Promise<ObtainedManifest> {
  if (isPiece(cid)) {
    const onlyPiece = await client.node(cid, cid, signal);
    return { manifest: singlePieceManifest(cid, onlyPiece), onlyPiece };
  }
  const manifest = await fetchManifest(cid, async (at) => store.node(at.toString()) ?? client.node(cid, at, signal));
  store.saveNodes(cid.toString(), manifest.nodes);
  return { manifest };
}

/** The manifest of a document whose nodes are all in the store; undefined when one is missing or damaged, or there is none. */
export async function manifestFromStore(cid: Cid, store: ManifestStore): Promise<Manifest | undefined> {
  if (isPiece(cid)) return undefined;
  try {
    return await fetchManifest(cid, async (at) => store.node(at.toString()) ?? Promise.reject(new NodeMissing()));
  } catch (error) {
    if (error instanceof NodeMissing || error instanceof BlockMismatch) return undefined;
    throw error;
  }
}

class NodeMissing extends Error {
  override readonly name = 'NodeMissing';
}
