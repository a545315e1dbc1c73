export * from './comparison/index.ts';
export * from './manifest/index.ts';
export * from './naming/file-name.ts';
export * from './naming/title-order.ts';
export * from './turns/index.ts';
