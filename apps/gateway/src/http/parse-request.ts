import type { Route } from '@allibrary/api';
import { toRequestFailure } from '@allibrary/messaging';

const PARTS = ['params', 'query', 'headers', 'body'] as const;

type Parts = Partial<Record<(typeof PARTS)[number], unknown>>;

/** Parses each part of a request that the route has a schema for; the error lists the problems of the first invalid part. */
export function parseRequest(route: Route, request: Parts): Parts {
  const parsed: Parts = {};
  for (const part of PARTS) {
    const result = route[part]?.safeParse(request[part]);
    if (!result) continue;
    if (!result.success) throw toRequestFailure(result.error);
    parsed[part] = result.data;
  }
  return parsed;
}
