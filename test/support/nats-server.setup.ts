import { findNatsServer } from '../../apps/supervisor/src/nats-server/nats-server.ts';

/** Finds nats-server once for all tests of a run; the first run downloads one where there is none. */
export async function setup(): Promise<void> {
  process.env['ALLIBRARY_NATS_SERVER'] ||= await findNatsServer(console.log);
}
