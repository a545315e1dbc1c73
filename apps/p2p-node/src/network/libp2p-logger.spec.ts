import { expect, test } from 'vitest';
import { libp2pLogger } from './libp2p-logger.ts';

function logger() {
  const problems: string[] = [];
  const logger = libp2pLogger((component, problem) => problems.push(`${component}: ${problem}`));
  return { log: logger.forComponent('libp2p:tcp'), problems };
}

test('errors are told with their values, and nothing else is', () => {
  const { log, problems } = logger();
  log('a step of %p', 'somebody');
  log.trace('a smaller step');
  log.error('%p could not be reached - %e', 'somebody', new TypeError('no route'), 'and more');
  expect(problems).toEqual(['libp2p:tcp: somebody could not be reached - TypeError: no route and more']);
});

test('a scope names its component, and a placeholder without a value stays', () => {
  const { log, problems } = logger();
  log.newScope('listener').error('%d of %d', 1);
  expect(problems).toEqual(['libp2p:tcp:listener: 1 of %d']);
});
