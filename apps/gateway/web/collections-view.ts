import type { Collection, CollectionStatus } from '@allibrary/contracts';
import { type CollectionWithStatus, type NewCollection, api } from './api.ts';
import { attempt } from './attempt.ts';
import { button, byId, element } from './element.ts';
import { count } from './format.ts';
import { KeyedList } from './keyed-list.ts';

/** The folders that make up the library: how each stands, what can be done about it, and new ones. */
export class CollectionsView {
  readonly #list = new KeyedList<CollectionWithStatus>({
    list: byId('collection-list', HTMLUListElement),
    keyOf: ({ id }) => id,
    contextOf: () => null,
    draw: (collection) => this.#draw(collection),
  });

  constructor() {
    const form = byId('collection-form', HTMLFormElement);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      attempt(async () => {
        await this.#add(new FormData(form));
        form.reset();
      });
    });
  }

  load(): void {
    attempt(async () => {
      const { items } = await api.collections();
      this.#list.show(items);
      byId('collections-empty', HTMLParagraphElement).hidden = items.length > 0;
    });
  }

  #draw({ status, ...collection }: CollectionWithStatus): HTMLElement {
    const { id, name, folder, visibility, writable, takesDownloads } = collection;
    return element(
      'li',
      { class: 'card' },
      element('h3', {}, name),
      element(
        'p',
        { class: 'meta' },
        element('code', {}, folder),
        element('span', {}, visibility === 'public' ? 'everybody can find it' : 'only users of this node can find it'),
        writable ? null : element('span', {}, 'read-only'),
        takesDownloads ? element('span', {}, 'downloads are saved here') : null,
        status && element('span', {}, `${count(status.knownFiles, 'file')}, ${standing(status)}`),
      ),
      status?.evidence ? element('p', { class: 'bad' }, status.evidence) : null,
      status?.remedy ? element('p', {}, status.remedy) : null,
      this.#patterns(collection),
      element(
        'p',
        { class: 'row' },
        button('Scan now', `scan ${id}`, () => attempt(() => api.scanCollection(id))),
        status?.state === 'frozen' ? this.#confirmButton(id, name) : null,
        button('Stop sharing', `remove ${id}`, () => this.#remove(id, name)),
      ),
    );
  }

  #patterns({ id, name, ignore }: Collection): HTMLElement {
    const label = `Patterns of files in ${name} that are not shared, one a line`;
    const text = element('textarea', { 'aria-label': label, rows: 8, spellcheck: 'false' }, ignore.join('\n'));
    const save = button('Save patterns', `patterns ${id}`, () => {
      const patterns = text.value.split('\n').filter((line) => line.trim() !== '');
      attempt(() =>
        this.#change((wanted) => wanted.map((each) => (each.id === id ? { ...each, ignore: patterns } : each))),
      );
    });
    return element('details', {}, element('summary', {}, 'Files that are not shared'), text, save);
  }

  #confirmButton(id: string, name: string): HTMLButtonElement {
    return button('These files were deleted', `confirm ${id}`, () => {
      if (!window.confirm(`Forget the documents of the files that vanished from ${name}?`)) return;
      attempt(async () => {
        await api.confirmDeletions(id);
        this.load();
      });
    });
  }

  async #add(form: FormData): Promise<void> {
    const text = (name: string) => {
      const value = form.get(name);
      return typeof value === 'string' ? value.trim() : '';
    };
    const added: NewCollection = {
      id: text('id'),
      name: text('name'),
      folder: text('folder'),
      visibility: form.has('private') ? 'private' : 'public',
      writable: !form.has('read-only'),
      takesDownloads: false,
    };
    await this.#change((wanted) => [...wanted, added]);
  }

  #remove(id: string, name: string): void {
    if (!window.confirm(`Stop sharing ${name}? Its files stay where they are.`)) return;
    attempt(() => this.#change((wanted) => wanted.filter((each) => each.id !== id)));
  }

  async #change(change: (wanted: readonly Collection[]) => (Collection | NewCollection)[]): Promise<void> {
    const { value, revision } = await api.wantedCollections();
    await api.setCollections({ ...value, collections: change(value.collections) }, revision);
    this.load();
  }
}

function standing({ state, scan, watchMode }: CollectionStatus): string {
  if (scan && scan.filesExpected > 0) return `${scan.filesSeen} of about ${scan.filesExpected} looked at`;
  if (state === 'watching') return watchMode === 'events' ? 'changes are seen at once' : 'looked through now and then';
  return { scanning: 'looked through for the first time', frozen: 'frozen', unavailable: 'not there' }[state];
}
