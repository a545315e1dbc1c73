import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;
const ANSWER_LIMIT_MS = 3_000;
/** After this time the user is shown what the start waits for. */
const SLOW_MS = 20_000;

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
  /** Whether to wait for another limit: a program cannot start while the disk is full. Called when the limit is over. */
  readonly mayWait: () => Promise<boolean>;
  /** Receives one line about a program that takes long. */
  readonly print: (line: string) => void;
  /** What to do about a program that never answers. */
  readonly remedy?: string;
}

/** Resolves when the check does; rejects at the limit with the check's last reason, and when the signal aborts. */
export async function untilAnswers(
  name: string,
  check: () => Promise<void>,
  { limitMs, signal, mayWait, print, remedy = 'see its log' }: Patience,
): Promise<void> {
  const slowAtMs = performance.now() + SLOW_MS;
  for (let deadline = performance.now() + limitMs, isPrinted = false; ; ) {
    const problem = await check().catch((error: unknown) => error as Error);
    if (!problem) return;
    if (!isPrinted && performance.now() > slowAtMs) {
      isPrinted = true;
      print(`Waiting for ${name} (${reasonOf(problem)}), at most ${limitMs / 1_000} s …`);
    }
    if (performance.now() > deadline) {
      if (!(await mayWait())) {
        const message = `${name} does not answer after ${limitMs / 1_000} s (${reasonOf(problem)}): ${remedy}.`;
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

/** Returns the problems in the answer of a service that is not ready: `{checks: {<name>: <problem or null>}}`. */
function problemsIn(body: string): string {
  try {
    const { checks } = JSON.parse(body) as { checks: Record<string, string | null> };
    const problems = Object.values(checks).filter((problem) => problem !== null);
    return problems.join('; ') || body;
  } catch {
    return body;
  }
}

const NATS_PORT = 4222;

/** Rejects when no nats-server listens at a URL: of those with commas between them, at none. */
export async function greetsAsNats(urls: string): Promise<void> {
  try {
    await Promise.any(urls.split(',').map(greets));
  } catch (error) {
    // The first server's reason stands for all: the message of an AggregateError has none.
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

/** A nats-server begins every connection with INFO, also one that then uses TLS. */
async function greets(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port) || NATS_PORT, hostname.replaceAll(/[[\]]/g, ''));
  const signal = AbortSignal.timeout(ANSWER_LIMIT_MS);
  try {
    await once(socket, 'connect', { signal }).catch(unlessLate('nothing accepts connections there', signal));
    const greeted = once(socket, 'data', { signal }).catch(unlessLate('what listens there is no nats-server', signal));
    const [greeting] = (await greeted) as [Buffer];
    if (!greeting.toString('latin1').startsWith('INFO ')) throw new Error('what listens there is no nats-server');
  } finally {
    socket.destroy();
  }
}

/** An aborted wait has no reason of its own. */
const unlessLate =
  (reason: string, signal: AbortSignal) =>
  (error: unknown): never => {
    throw signal.aborted ? new Error(reason, { cause: error }) : error;
  };
