import { expect, test } from 'vitest';
import { shownUrls } from './shown-urls.ts';

test.each([
  ['nats://127.0.0.1:4222', 'nats://127.0.0.1:4222'],
  ['nats://ann:secret@127.0.0.1:4222', 'nats://127.0.0.1:4222'],
  ['nats://token@a.example,tls://ann:secret@b.example:1', 'nats://a.example,tls://b.example:1'],
])('%s is shown as %s', (urls, expected) => {
  expect(shownUrls(urls)).toBe(expected);
});
