import type { DocumentMetadata } from '@allibrary/contracts';
import { basename, dirname, join } from 'node:path';
import { lstat } from 'node:fs/promises';
import { NO_METADATA, type Statement, metadataOf } from '../domain/metadata.ts';
import { statementsOfJson } from '../domain/sidecar-json.ts';
import { sidecarsOf } from '../domain/sidecars.ts';
import { decodeBytes } from './decode.ts';
import { statementsOfOpf } from './opf.ts';
import { FileChanged, SourceFile } from './source-file.ts';

const MAX_BYTES = 1024 * 1024;

/** What a file beside the document says of it, and why it could not be understood. */
export interface Sidecar {
  readonly metadata: DocumentMetadata;
  readonly problem: string | null;
}

/** Reads the first sidecar of a document that is there. */
export async function readSidecar(documentPath: string): Promise<Sidecar> {
  for (const name of sidecarsOf(basename(documentPath))) {
    const bytes = await contentOf(join(dirname(documentPath), name));
    if (bytes === null) continue;
    try {
      return { metadata: metadataOf(statementsIn(name, bytes)), problem: null };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { metadata: NO_METADATA, problem: `${name} beside it can't be understood: ${reason}`.slice(0, 400) };
    }
  }
  return { metadata: NO_METADATA, problem: null };
}

/** Null when there is no such file, or one that somebody is writing. */
async function contentOf(path: string): Promise<Buffer | null> {
  const found = await lstat(path).catch(() => null);
  if (!found?.isFile()) return null;
  try {
    const file = await SourceFile.open(path, found.size);
    try {
      return await file.readStart(MAX_BYTES + 1);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof FileChanged) return null;
    throw error;
  }
}

function statementsIn(name: string, bytes: Buffer): Statement[] {
  if (bytes.length > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES / 1024 / 1024} MiB`);
  if (name.endsWith('.json')) return statementsOfJson(decodeBytes(bytes, null));
  const statements = statementsOfOpf(bytes);
  if (statements.length === 0) throw new Error('it states nothing that a package document (OPF) would');
  return statements;
}
