import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;
const ANSWER_LIMIT_MS = 3_000;

/** Resolves when the check does; rejects at the limit with the check's last reason, and when the signal aborts. */
export async function untilReady(
  name: string,
  check: () => Promise<void>,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const problem = await check().catch((error: unknown) => error as Error);
    if (!problem) return;
    if (performance.now() > deadline) {
      const message = `${name} is not ready after ${limitMs / 1_000} s (${reasonOf(problem)}): see its log`;
      throw new Error(message, { cause: problem });
    }
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** `fetch` hides the reason in the cause. */
const reasonOf = ({ message, cause }: Error): string => (cause instanceof Error && cause.message) || message;

/** Rejects when a service does not say that it is ready. */
export async function answersReady(httpUrl: string): Promise<void> {
  const response = await fetch(`${httpUrl}/health/ready`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  if (!response.ok) throw new Error(await response.text());
}

/** Rejects when a TCP port is not open: of URLs with commas between them, none. */
export const acceptsConnections = (urls: string): Promise<void> => Promise.any(urls.split(',').map(isOpen));

async function isOpen(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  } finally {
    socket.destroy();
  }
}
