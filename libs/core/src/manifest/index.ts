export * from './document-cid.ts';
export * from './layout.ts';
export * from './manifest.ts';
export { BlockMismatch, InvalidManifest, type ManifestNode, verifyBlock } from './manifest-node.ts';
