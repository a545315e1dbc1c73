import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;
const ANSWER_LIMIT_MS = 3_000;

/** Resolves when the check answers true; rejects at the limit, and when the signal aborts. */
export async function untilReady(
  name: string,
  check: () => Promise<boolean>,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!(await check().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`${name} is not ready after ${limitMs / 1_000} s: see its log`);
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** Whether a service says that it is ready. */
export async function answersReady(httpUrl: string): Promise<boolean> {
  const { ok } = await fetch(`${httpUrl}/health/ready`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  return ok;
}

/** Whether a TCP port is open: of URLs with commas between them, at least one. */
export const acceptsConnections = (urls: string): Promise<boolean> => Promise.any(urls.split(',').map(isOpen));

async function isOpen(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    return true;
  } finally {
    socket.destroy();
  }
}
