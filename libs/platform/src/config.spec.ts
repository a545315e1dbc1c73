import { expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, HostAndPort, Port, defineConfig, secret, setting } from './config.ts';

const definition = defineConfig({
  folder: setting('TEST_FOLDER', z.string('must be set'), 'Where it is.'),
  port: setting('TEST_PORT', Port.default(8080), 'The port.'),
  other: setting('TEST_OTHER', HostAndPort.optional(), 'The other side.'),
});

test('values and defaults are read', () => {
  const read = definition.parse({ TEST_FOLDER: '/srv', TEST_PORT: '', TEST_OTHER: '[::1]:99' });
  expect(read).toEqual({ folder: '/srv', port: 8080, other: { host: '::1', port: 99 } });
});

test('all problems are reported at once, each with its variable and sentence', () => {
  const parse = () => definition.parse({ TEST_PORT: '99999', TEST_OTHER: 'nowhere' });
  expect(parse).toThrow(ConfigError);
  for (const part of [
    '3 problem(s)',
    'TEST_FOLDER must be set. Where it is.',
    'TEST_PORT',
    'TEST_OTHER must be host:port. The other side.',
  ]) {
    expect(parse).toThrow(part);
  }
});

test('a secret may be in a file; the variable itself takes precedence', () => {
  const secrets = defineConfig({ token: secret('TEST_TOKEN', z.string('must be set').min(3), 'The token.') });
  expect(secrets.parse({ TEST_TOKEN_FILE: import.meta.filename }).token).toContain('a secret may lie in a file');
  expect(secrets.parse({ TEST_TOKEN: 'direct', TEST_TOKEN_FILE: '/nowhere' })).toEqual({ token: 'direct' });
  expect(() => secrets.parse({ TEST_TOKEN_FILE: '/nowhere' })).toThrow("TEST_TOKEN_FILE can't be read: ENOENT");
  expect(() => secrets.parse({ TEST_TOKEN_FILE: '/dev/null' })).toThrow("TEST_TOKEN_FILE can't be read: it is empty");
});
