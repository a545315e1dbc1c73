/** The pinned release of nats-server, with the SHA-256 of its archives as nats-io publishes them. */
export const RELEASE = {
  version: '2.10.29',
  sha256: {
    x64: 'e314da74a83a1d3876db8814c27eb990fe729640fd6452025b441bcede8390da',
    arm64: 'da4b27942ecfb4c5f0c54553d2e7f470ddda9d7581cfe8131b351a0e223ed401',
  },
} as const;

const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' } as const;

/** An archive to download: its address, its checksum, and the file in it. */
export interface Archive {
  readonly url: string;
  readonly sha256: string;
  readonly member: string;
}

/** The archive of the pinned release for a machine, or undefined where there is none. */
export function releaseArchive(platform: string, architecture: string): Archive | undefined {
  if (platform !== 'linux' || (architecture !== 'x64' && architecture !== 'arm64')) return undefined;
  const folder = `nats-server-v${RELEASE.version}-linux-${ARCHITECTURES[architecture]}`;
  return {
    url: `https://github.com/nats-io/nats-server/releases/download/v${RELEASE.version}/${folder}.tar.gz`,
    sha256: RELEASE.sha256[architecture],
    member: `${folder}/nats-server`,
  };
}
