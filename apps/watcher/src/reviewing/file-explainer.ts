import type { FileReport } from '@allibrary/contracts';
import type { KnownCollection } from '../known/known-collection.ts';
import { type SkipReason, isHidden } from '../seeing/entry-name.ts';
import type { FolderView } from '../seeing/folder-view.ts';
import { isUnchanged } from '../seeing/sighting.ts';

/** Why something is not shared, and what helps. */
export const SKIP_EXPLANATIONS: Record<SkipReason, string> = {
  symlink: 'a link is not shared, and not followed: put the file itself into the library',
  special: 'a FIFO, socket or device is not shared: only files are',
  'invalid-name': 'a name that is not valid UTF-8 is not shared: rename it',
  'name-too-long': 'a name of more than 255 bytes, or a path of more than 4096, is not shared: shorten it',
  unreadable: "what can't be read is not shared: let this service read it; each scan tries it again",
};

type Explanation = Pick<FileReport, 'state' | 'reason'>;

/** Explains why a file of a collection is not shared, as far as this service knows. */
export class FileExplainer {
  constructor(
    private readonly view: FolderView,
    private readonly known: Pick<KnownCollection, 'files' | 'record'>,
  ) {}

  async explain(path: string): Promise<FileReport> {
    const { state, reason } = await this.#explain(path);
    return { collection: this.known.files.collection, path, state, reason: reason.slice(0, 500) };
  }

  async #explain(path: string): Promise<Explanation> {
    if (path.split('/').includes('..')) return notShared('the path leads out of the collection');
    if (isHidden(path)) return notShared('a name that begins with a dot is hidden: rename it');
    const pattern = this.view.patterns.patternFor(path);
    if (pattern !== null) return notShared(`the collection's pattern ${JSON.stringify(pattern)} leaves it out`);
    return this.#inspect(path);
  }

  async #inspect(path: string): Promise<Explanation> {
    const { view, known } = this;
    const root = await view.checkRoot();
    if (root.kind === 'unavailable') return { state: 'frozen', reason: `${root.evidence}. ${root.remedy}` };
    const found = await view.inspect(path);
    if (found.kind === 'folder') return notShared('it is a folder: ask for a file in it');
    if (found.skipped) return notShared(SKIP_EXPLANATIONS[found.skipped]);
    const sighting = found.kind === 'clear' ? found.sighting : null;
    const record = known.files.find(path);
    if (!sighting) return record ? { state: 'frozen', reason: this.#lossReason() } : MISSING;
    return record && isUnchanged(record, sighting, view.keepsInodes) ? PUBLISHED : SETTLING;
  }

  #lossReason(): string {
    const { freeze } = this.known.record;
    return freeze ? `${freeze.evidence}. ${freeze.remedy}` : LOSS_WAITS;
  }
}

const notShared = (reason: string): Explanation => ({ state: 'not-shared', reason });
const MISSING: Explanation = { state: 'missing', reason: 'There is no such file.' };
const PUBLISHED: Explanation = { state: 'hashing', reason: 'It was found, and waits to be read.' };
const SETTLING: Explanation = {
  state: 'settling',
  reason: 'It is new or changed: it is read once it has not changed for a while, or when a scan finds it.',
};
const LOSS_WAITS = 'It is gone. The loss is published as soon as it is certain that the file has not only moved.';
