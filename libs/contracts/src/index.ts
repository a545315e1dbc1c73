export * from './content.ts';
export * from './contract.ts';
export * from './downloads.ts';
export * from './failure.ts';
export * from './library.ts';
export * from './network.ts';
export * from './search.ts';
export * from './streams.ts';
