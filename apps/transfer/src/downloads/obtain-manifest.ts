import {
  type Manifest,
  type ManifestNode,
  fetchManifest,
  isPiece,
  type nodeCid,
  singlePieceManifest,
} from '@allibrary/core';
import type { PieceClient } from '../pieces/piece-client.ts';

type Cid = ReturnType<typeof nodeCid>;

/** Where the nodes of manifests are kept, so that a download that goes on need not fetch them again. */
export interface ManifestStore {
  node(cid: string): Uint8Array | undefined;
  saveNodes(documentId: string, nodes: readonly ManifestNode[]): void;
}

/** Gets a document's manifest, verified from its CID down: from the store what is there, from the peer what is not. */
export async function obtainManifest(
  cid: Cid,
  client: PieceClient,
  store: ManifestStore,
): Promise<{ manifest: Manifest; onlyPiece?: Buffer }> {
  if (isPiece(cid)) {
    const onlyPiece = await client.node(cid, cid);
    return { manifest: singlePieceManifest(cid, onlyPiece), onlyPiece };
  }
  const manifest = await fetchManifest(cid, async (at) => store.node(at.toString()) ?? client.node(cid, at));
  store.saveNodes(cid.toString(), manifest.nodes);
  return { manifest };
}
