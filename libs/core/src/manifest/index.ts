export { type BuiltManifest, buildManifest } from './build-manifest.ts';
export * from './document-cid.ts';
export * from './layout.ts';
export { type Manifest, type NodeTransfer, StoredManifest, fetchManifest, singlePieceManifest } from './manifest.ts';
export { BlockMismatch, InvalidManifest, MAX_DOCUMENT_BYTES, type ManifestNode, verifyBlock } from './manifest-node.ts';
