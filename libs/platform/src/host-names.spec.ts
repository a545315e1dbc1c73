import { expect, test } from 'vitest';
import { isOwnName } from './host-names.ts';

test.each([
  '127.0.0.1:8080',
  '[::1]:8080',
  '192.0.2.7',
  'localhost:8080',
  'gateway:8080',
  'Node.Example.org:1',
  undefined,
])('%s is accepted', (host) => {
  expect(isOwnName(host, ['node.example.org'])).toBe(true);
});

test.each(['evil.example', 'evil.example:8080', 'node.example.org.', '127.0.0.1.evil.example', 'a b', ''])(
  '%s is refused',
  (host) => {
    expect(isOwnName(host, ['node.example.org'])).toBe(false);
  },
);
