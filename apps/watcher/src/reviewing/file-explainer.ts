import type { FileReport } from '@allibrary/contracts';
import { type SkipReason, isHidden } from '../seeing/entry-name.ts';
import type { IgnorePatterns } from '../seeing/ignore-patterns.ts';
import { isUnchanged } from '../seeing/sighting.ts';
import type { FolderView } from '../seeing/folder-view.ts';
import type { KnownFiles } from '../known/known-files.ts';

/** Why something is not shared, and what helps. */
export const SKIP_EXPLANATIONS: Record<SkipReason, string> = {
  symlink: 'a link is not shared, and not followed: put the file itself into the library',
  special: 'a FIFO, socket or device is not shared: only files are',
  'invalid-name': 'a name that is not valid UTF-8 is not shared: rename it',
  'name-too-long': 'a name of more than 255 bytes, or a path of more than 4096, is not shared: shorten it',
  unreadable: "what can't be read is not shared: let this service read it; each scan tries it again",
};

/** What an explanation stands on. */
export interface ExplainerParts {
  readonly view: FolderView;
  readonly known: KnownFiles;
  readonly patterns: IgnorePatterns;
  readonly keepsInodes: () => boolean;
  /** Why nothing is said of the collection's files now; null when all is well. */
  readonly problem: () => string | null;
}

type Answer = Pick<FileReport, 'state' | 'reason'>;

/** Says why a file of a collection is not shared, as far as this service knows. */
export class FileExplainer {
  constructor(private readonly parts: ExplainerParts) {}

  async explain(path: string): Promise<FileReport> {
    const { state, reason } = await this.#answer(path);
    return { collection: this.parts.known.collection, path, state, reason: reason.slice(0, 500) };
  }

  async #answer(path: string): Promise<Answer> {
    if (path.split('/').includes('..')) return notShared('the path leads out of the collection');
    if (isHidden(path)) return notShared('a name that begins with a dot is hidden: rename it');
    const pattern = this.parts.patterns.patternFor(path);
    if (pattern !== null) return notShared(`the collection's pattern ${JSON.stringify(pattern)} leaves it out`);
    return this.#look(path);
  }

  async #look(path: string): Promise<Answer> {
    const { view, known, keepsInodes, problem } = this.parts;
    const root = await view.root();
    if (root.kind === 'unavailable') return { state: 'frozen', reason: `${root.evidence}. ${root.remedy}` };
    const look = await view.look(path);
    if (look.kind === 'folder') return notShared('it is a folder: ask for a file in it');
    if (look.skipped) return notShared(SKIP_EXPLANATIONS[look.skipped]);
    const sighting = look.kind === 'clear' ? look.sighting : null;
    const record = known.find(path);
    if (!sighting) return record ? { state: 'frozen', reason: problem() ?? LOSS_WAITS } : MISSING;
    return record && isUnchanged(record, sighting, keepsInodes()) ? PUBLISHED : SETTLING;
  }
}

const notShared = (reason: string): Answer => ({ state: 'not-shared', reason });
const MISSING: Answer = { state: 'missing', reason: 'There is no such file.' };
const PUBLISHED: Answer = { state: 'hashing', reason: 'It was found, and waits to be read.' };
const SETTLING: Answer = {
  state: 'settling',
  reason: 'It is new or changed: it must keep still before it is read, or be met by a scan.',
};
const LOSS_WAITS = 'It is gone; this is said as soon as it is certain that it has not only moved.';
