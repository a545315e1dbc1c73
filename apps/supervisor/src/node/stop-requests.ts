// One Ctrl-C arrives up to three times: from the terminal, from npm, and from boot.mjs, which hand it on.
const ONE_REQUEST_MS = 500;

/** Returns a signal that aborts on SIGTERM, SIGHUP or Ctrl-C. A second Ctrl-C calls `onImpatience`. */
export function stopRequests(onImpatience: () => void): AbortSignal {
  const stop = new AbortController();
  let askedAtMs = 0;
  const ask = () => {
    if (!stop.signal.aborted) askedAtMs = performance.now();
    stop.abort();
  };
  process.on('SIGTERM', ask);
  process.on('SIGHUP', ask);
  process.on('SIGINT', () => {
    const isLater = stop.signal.aborted && performance.now() - askedAtMs > ONE_REQUEST_MS;
    if (isLater) onImpatience();
    else ask();
  });
  return stop.signal;
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
