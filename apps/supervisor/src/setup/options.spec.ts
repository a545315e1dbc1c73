import { expect, test } from 'vitest';
import { UsageError, asksForHelp, asksForVersion, helpText, readOptions } from './options.ts';

function problemsOf(args: string[], environment: NodeJS.ProcessEnv = {}): readonly string[] {
  try {
    readOptions(args, environment);
    return [];
  } catch (error) {
    return (error as UsageError).problems;
  }
}

test('every option has a default', () => {
  expect(readOptions([], {})).toMatchObject({
    'http-host': '127.0.0.1',
    'http-port': 8080,
    'p2p-port': 6881,
    bootstrap: '',
    'log-level': 'info',
    apiKey: undefined,
  });
});

test('an option wins over its variable, and an empty variable is none', () => {
  const environment = {
    ALLIBRARY_HTTP_PORT: '1',
    ALLIBRARY_P2P_PORT: '2',
    ALLIBRARY_LIBRARY: '/a',
    ALLIBRARY_DATA: '',
  };
  const options = readOptions(['--http-port', '0', '--library=b'], environment);
  expect(options).toMatchObject({ 'http-port': 0, 'p2p-port': 2, library: 'b' });
  expect(options.data).toMatch(/\/data$/);
});

test('every problem is one line', () => {
  const args = ['--http-port', '65536', '--nats-url', 'http://x', '--foo', 'x', '--log-level', 'loud', '--library'];
  expect(problemsOf(args, { ALLIBRARY_P2P_PORT: '1e3' })).toEqual([
    '--foo is no option. See npm start -- --help.',
    'x is no option. See npm start -- --help.',
    '--library needs a value. See npm start -- --help.',
    '--http-port must be at most 65535, and is "65536".',
    'ALLIBRARY_P2P_PORT must be a port number, and is "1e3".',
    '--nats-url must be a URL like nats://127.0.0.1:4222, or several with commas between them, and is "http://x".',
    expect.stringMatching(/^--log-level .*, and is "loud"\.$/),
  ]);
});

test('a misspelt option is reported with the probable one, if any', () => {
  expect(problemsOf(['--http-prot', '1', '--libary=x', '--verbose'])).toEqual([
    '--http-prot is no option. Did you mean --http-port? See npm start -- --help.',
    '1 is no option. See npm start -- --help.',
    '--libary is no option. Did you mean --library? See npm start -- --help.',
    '--verbose is no option. See npm start -- --help.',
  ]);
});

test('an option that npm took because -- was forgotten is reported', () => {
  const environment = { npm_config_http_port: '21080', npm_config_cache: '/home/x/.npm' };
  expect(problemsOf(['21080'], environment)).toEqual([
    'npm took --http-port for its own option. Did you forget --? npm start -- --http-port …',
  ]);
});

test('the version can be asked for', () => {
  expect(asksForVersion(['--version'])).toBe(true);
  expect(asksForVersion(['--library', 'x'])).toBe(false);
});

test('an option does not swallow the next one', () => {
  expect(problemsOf(['--library', '--http-port', '1'])[0]).toBe('--library needs a value. See npm start -- --help.');
});

test.each(['/ip4/192.0.2.1/tcp/6881/p2p/12D3Koo', '/dns4/a.example/tcp/1/p2p/Qm1, /ip6/::1/tcp/2/p2p/Qm2', ''])(
  'takes the peers %j',
  (bootstrap) => {
    expect(problemsOf([], { ALLIBRARY_BOOTSTRAP: bootstrap })).toEqual([]);
  },
);

test.each(['192.0.2.1:6881', '/ip4/192.0.2.1/tcp/6881', '/ip4/192.0.2.1/tcp/6881/p2p/Qm1 /p2p/Qm2'])(
  'refuses the peers %j',
  (bootstrap) => {
    expect(problemsOf(['--bootstrap', bootstrap])).toHaveLength(1);
  },
);

test('a weak API key is refused, and not shown', () => {
  expect(problemsOf([], { ALLIBRARY_API_KEY: 'secret' })).toEqual([
    'ALLIBRARY_API_KEY must have 16 or more printable ASCII characters, and no space.',
  ]);
  expect(readOptions([], { ALLIBRARY_API_KEY: '0123456789abcdef' }).apiKey).toBe('0123456789abcdef');
});

test('the help names every option', () => {
  expect(asksForHelp(['--library', 'x', '--help'])).toBe(true);
  for (const name of ['library', 'data', 'http-host', 'http-port', 'p2p-port', 'bootstrap', 'nats-url', 'log-level']) {
    expect(helpText()).toContain(`--${name} `);
  }
});
