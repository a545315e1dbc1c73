import { PeersSettings } from '@allibrary/contracts';
import { expect, test } from 'vitest';
import { PeerRules } from './peer-rules.ts';

const [ANN, BOB] = ['12D3KooWAnn'.padEnd(52, 'a'), '12D3KooWBob'.padEnd(52, 'b')];

function rulesFor(settings: object): PeerRules {
  const rules = new PeerRules();
  rules.follow(PeersSettings.schema.parse(settings));
  return rules;
}

test('nobody is denied, allowed or protected until the owner says so', () => {
  const rules = new PeerRules();
  expect([rules.isDenied(ANN), rules.isAllowed(ANN), rules.isProtected(ANN)]).toEqual([false, false, false]);
  expect([rules.isDeniedAddress('192.0.2.1'), rules.isAllowedAddress('192.0.2.1')]).toEqual([false, false]);
});

test('addresses and subnets of both families are told apart', () => {
  const rules = rulesFor({ deniedAddresses: ['203.0.113.0/24', '192.0.2.7', '2001:db8::/32'] });
  expect(['203.0.113.255', '192.0.2.7', '2001:db8:ffff::1'].map((host) => rules.isDeniedAddress(host))).toEqual([
    true,
    true,
    true,
  ]);
  expect(['203.0.114.0', '192.0.2.8', '2001:db9::1', 'a.name'].some((host) => rules.isDeniedAddress(host))).toBe(false);
});

test('what the owner wants holds from then on, and what he no longer wants does not', () => {
  const rules = rulesFor({ deniedPeers: [ANN], protectedPeers: [BOB] });
  expect([rules.isDenied(ANN), rules.isAllowed(BOB), rules.isProtected(BOB)]).toEqual([true, true, true]);
  rules.follow(PeersSettings.schema.parse({}));
  expect([rules.isDenied(ANN), rules.isAllowed(BOB)]).toEqual([false, false]);
});

test('what is no range is refused by the settings themselves', () => {
  for (const range of ['203.0.113.0/33', '203.0.113', 'example.org', '2001:db8::/129'])
    expect(PeersSettings.schema.safeParse({ deniedAddresses: [range] }).success).toBe(false);
});
