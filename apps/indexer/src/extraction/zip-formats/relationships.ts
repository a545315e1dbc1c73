import { posix } from 'node:path';
import { eachElement } from '../formats/xml-elements.ts';
import type { ZipArchive } from './zip-archive.ts';

/** A part of an Office Open XML package that another one refers to. */
export interface Relationship {
  /** The last word of its type: transitional and strict files differ in the rest. */
  readonly kind: string;
  /** The part's place in the archive. */
  readonly part: string;
}

/** Returns what a part refers to, or the package itself for '' (ECMA-376 part 2, section 6.5). */
export async function relationshipsOf(archive: ZipArchive, part: string): Promise<Relationship[]> {
  const folder = posix.dirname(part);
  const relationships: Relationship[] = [];
  const source = await archive.read(posix.join(folder, '_rels', `${posix.basename(part)}.rels`));
  eachElement(source, (name, { Type, Target, TargetMode }) => {
    if (name !== 'Relationship' || !Type || !Target || TargetMode === 'External') return;
    relationships.push({ kind: Type.slice(Type.lastIndexOf('/') + 1), part: resolve(folder, Target) });
  });
  return relationships;
}

const resolve = (folder: string, target: string): string =>
  target.startsWith('/') ? posix.normalize(target.slice(1)) : posix.join(folder, target);
