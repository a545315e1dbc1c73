import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;
const ANSWER_LIMIT_MS = 3_000;

/** What a service reports about itself. */
export interface Standing {
  /** Whether it answered at all; a process that hangs does not. */
  readonly answered: boolean;
  /** Why it cannot do its work, in its own words; null when it can. */
  readonly problem: string | null;
}

/** How long a program may take to answer. */
export interface Patience {
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Whether waiting on may help: a program cannot start while the disk is full. Asked when the limit is over. */
  readonly mayWait: () => Promise<boolean>;
}

/** Resolves when the check does; rejects at the limit with the check's last reason, and when the signal aborts. */
export async function untilAnswers(
  name: string,
  check: () => Promise<void>,
  { limitMs, signal, mayWait }: Patience,
): Promise<void> {
  for (let deadline = performance.now() + limitMs; ; ) {
    const problem = await check().catch((error: unknown) => error as Error);
    if (!problem) return;
    if (performance.now() > deadline) {
      if (!(await mayWait())) {
        const message = `${name} does not answer after ${limitMs / 1_000} s (${reasonOf(problem)}): see its log`;
        throw new Error(message, { cause: problem });
      }
      deadline = performance.now() + limitMs;
    }
    await delay(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** `fetch` hides the reason in the cause. */
const reasonOf = ({ message, cause }: Error): string => (cause instanceof Error && cause.message) || message;

/** Rejects when a service does not answer at all. */
export async function isLive(httpUrl: string): Promise<void> {
  const response = await ask(httpUrl, 'live');
  if (!response.ok) throw new Error(`it answers ${response.status}`);
}

/** Asks a service whether it is ready. */
export async function standingOf(httpUrl: string, limitMs = ANSWER_LIMIT_MS): Promise<Standing> {
  try {
    const response = await ask(httpUrl, 'ready', limitMs);
    return { answered: true, problem: response.ok ? null : problemsIn(await response.text()) };
  } catch (error) {
    return { answered: false, problem: `it does not answer (${reasonOf(error as Error)})` };
  }
}

const ask = (httpUrl: string, question: string, limitMs = ANSWER_LIMIT_MS): Promise<Response> =>
  fetch(`${httpUrl}/health/${question}`, { signal: AbortSignal.timeout(limitMs) });

/** The problems in the answer of a service that is not ready: `{checks: {<name>: <problem or null>}}`. */
function problemsIn(body: string): string {
  try {
    const { checks } = JSON.parse(body) as { checks: Record<string, string | null> };
    const problems = Object.values(checks).filter((problem) => problem !== null);
    return problems.join('; ') || body;
  } catch {
    return body;
  }
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
