export * from './call-carrier.ts';
export { CarrierHeader } from './header.ts';
export * from './listen-carrier.ts';
