import { expect, test } from 'vitest';
import { isSameOrigin } from './request-origin.ts';

const host = 'node.local:8080';

test.each([
  [{ secFetchSite: 'same-origin' }, true],
  [{ secFetchSite: 'same-site' }, false],
  [{ secFetchSite: 'cross-site', origin: `http://${host}` }, false],
  [{ secFetchSite: 'none' }, false],
  [{ origin: `http://${host}` }, true],
  [{ origin: 'http://node.local:9090' }, false],
  [{ origin: 'null' }, false],
  [{}, false],
])('%j', (headers, expected) => {
  expect(isSameOrigin({ secFetchSite: undefined, origin: undefined, host, ...headers })).toBe(expected);
});
