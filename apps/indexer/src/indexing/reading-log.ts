import type { LibraryDocument } from '@allibrary/contracts';
import { describeError } from '@allibrary/messaging';
import type { LogSums, Logger } from '@allibrary/platform';
import type { DocumentText } from './document-texts.ts';

type Read = Exclude<DocumentText, { kind: 'removed' }>;

/** Logs what could not be read of documents, in sums: a library may hold thousands of pictures. */
export class ReadingLog {
  readonly #byNameOnly: LogSums;
  readonly #inPart: LogSums;
  readonly #withoutCover: LogSums;
  readonly #sidecars: LogSums;

  constructor(logger: Logger) {
    this.#byNameOnly = logger.sums('info', { what: 'documents indexed by name only' });
    this.#inPart = logger.sums('info', { what: 'documents indexed in part' });
    this.#withoutCover = logger.sums('info', { what: 'covers not drawn' });
    // The owner wrote the sidecar, and wants to know.
    this.#sidecars = logger.sums('warn', { what: 'sidecars not read', isUrgent: true });
  }

  /** Notes what is missing of a document's text and description. */
  note({ documentId, mediaType: announced }: LibraryDocument, read: Read): void {
    const { path, sidecarProblem, mediaType = announced } = read;
    const kind = kindOf(mediaType);
    if (sidecarProblem)
      this.#sidecars.add(
        kind,
        { documentId, path, error: sidecarProblem },
        'sidecar not read, its document has no description',
      );
    if (read.kind === 'problem')
      this.#byNameOnly.add(kind, { documentId, path, problem: read.problem }, 'document indexed by name only');
    else if (read.truncated)
      this.#inPart.add(kind, { documentId, path, characters: read.text.length }, 'document indexed in part');
  }

  /** Notes that a document has no cover although its type has one. */
  coverNotDrawn(documentId: string, mediaType: string, error: unknown): void {
    this.#withoutCover.add(kindOf(mediaType), { documentId, error: describeError(error) }, 'cover not drawn');
  }
}

const GROUPS: Readonly<Record<string, string>> = { image: 'pictures', audio: 'sound', video: 'films' };

/** What people call a media type, as far as its documents hold no text. */
const kindOf = (mediaType: string): string => GROUPS[mediaType.split('/')[0] ?? ''] ?? mediaType;
