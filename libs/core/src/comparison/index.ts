export * from './compare-pages.ts';
