/** A comment that keeps proxies from closing a quiet stream; clients skip it. */
export const HEARTBEAT = ': still here\n\n';

/** Writes one server-sent event; JSON holds no line break, so one data line is enough. */
export const serverSentEvent = (type: string, data: unknown): string =>
  `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
