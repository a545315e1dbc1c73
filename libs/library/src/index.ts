export * from './collection-folder.ts';
export * from './collections.ts';
export * from './library-settings.ts';
export * from './opened-folder.ts';
export * from './wanted-collections.ts';
