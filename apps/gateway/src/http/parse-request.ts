import type { Route } from '@allibrary/api';
import { RequestFailure } from '@allibrary/messaging';
import type { z } from 'zod';

const PARTS = ['params', 'query', 'headers', 'body'] as const;
const MOST_ISSUES = 10;

type Parts = Partial<Record<(typeof PARTS)[number], unknown>>;

/** Parses each part of a request that the route has a schema for; the error names each problem. */
export function parseRequest(route: Route, request: Parts): Parts {
  const parsed: Parts = {};
  for (const part of PARTS) {
    const result = route[part]?.safeParse(request[part]);
    if (!result) continue;
    if (!result.success) throw new RequestFailure('invalid', describeIssues(result.error));
    parsed[part] = result.data;
  }
  return parsed;
}

const describeIssues = ({ issues }: z.ZodError): string => issues.slice(0, MOST_ISSUES).map(describeIssue).join('; ');

const describeIssue = ({ path, message }: z.core.$ZodIssue): string =>
  path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`;
