export * from './document-cid.ts';
export * from './layout.ts';
export * from './manifest.ts';
export { InvalidManifest, type ManifestNode, NODE_LIMIT_BYTES, verifyBlock } from './manifest-node.ts';
