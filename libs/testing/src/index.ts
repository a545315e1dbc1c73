export * from './eventually.ts';
export * from './free-port.ts';
export * from './nats-cluster.ts';
export * from './nats.ts';
export * from './small-disk.ts';
export * from './temp-folder.ts';
export * from './test-settings.ts';
