import { expect, test } from 'vitest';
import { RELEASE, releaseArchive } from './nats-sources.ts';

test.each([
  ['x64', 'amd64'],
  ['arm64', 'arm64'],
] as const)('Linux on %s takes the archive for %s with its own checksum', (architecture, name) => {
  const archive = releaseArchive('linux', architecture);
  expect(archive?.url).toMatch(
    new RegExp(
      `^https://github.com/nats-io/nats-server/releases/download/v[^/]+/nats-server-v[^/]+-linux-${name}.tar.gz$`,
    ),
  );
  expect(archive?.url.split(RELEASE.version)).toHaveLength(3);
  expect(archive?.member).toBe(`nats-server-v${RELEASE.version}-linux-${name}/nats-server`);
  expect(archive?.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(archive?.sha256).toBe(RELEASE.sha256[architecture]);
});

test.each([
  ['darwin', 'arm64'],
  ['linux', 'ia32'],
])('there is none for %s on %s', (platform, architecture) => {
  expect(releaseArchive(platform, architecture)).toBeUndefined();
});
