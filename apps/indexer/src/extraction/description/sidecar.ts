import type { DocumentMetadata } from '@allibrary/contracts';
import { NO_METADATA, type Statement, metadataOf } from './metadata.ts';
import { statementsOfJson } from './sidecar-json.ts';
import { decodeBytes } from '../encoding/decode.ts';
import { statementsOfOpf } from './opf.ts';
import { FileChanged, type SourceFile } from '../child/source-file.ts';

const MAX_BYTES = 1024 * 1024;

/** What a file beside the document says of it, and why it could not be understood. */
export interface Sidecar {
  readonly metadata: DocumentMetadata;
  readonly problem: string | null;
}

/** Description of a document without a file beside it. */
export const NO_SIDECAR: Sidecar = { metadata: NO_METADATA, problem: null };

/** Reads a document's sidecar. */
export async function readSidecar(name: string, file: SourceFile): Promise<Sidecar> {
  try {
    return { metadata: metadataOf(statementsIn(name, await file.readStart(MAX_BYTES + 1))), problem: null };
  } catch (error) {
    if (error instanceof FileChanged) return NO_SIDECAR; // somebody writes it: its own fact follows
    const reason = error instanceof Error ? error.message : String(error);
    return { metadata: NO_METADATA, problem: `${name} beside it can't be understood: ${reason}`.slice(0, 400) };
  }
}

function statementsIn(name: string, bytes: Buffer): Statement[] {
  if (bytes.length > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES / 1024 / 1024} MiB`);
  if (name.endsWith('.json')) return statementsOfJson(decodeBytes(bytes, null));
  const statements = statementsOfOpf(bytes);
  if (statements.length === 0) throw new Error('it states nothing that a package document (OPF) would');
  return statements;
}
