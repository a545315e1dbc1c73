import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from './options.ts';

const Manifest = z.object({ version: z.string() });

/** The name and version of this software. */
export function versionText(): string {
  const { version } = Manifest.parse(JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')));
  return `AlLibrary Seedbox ${version}`;
}
