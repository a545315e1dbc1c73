import type { Logger } from '@allibrary/platform';
import type { ChangeNotifications } from './change-notifications.ts';
import type { FolderView, RootState } from './folder-view.ts';

/** What a check of the folder found: the same one, another one than before, or none that can be read. */
export type RootCheck = 'same' | 'replaced' | 'unavailable';

/** Keeps track of whether the collection's folder is there, and has changes reported from the one that is there now. */
export class RootWatch {
  #state: RootState | undefined;

  constructor(
    private readonly view: FolderView,
    readonly changes: ChangeNotifications,
    private readonly log: Logger,
  ) {}

  /** What the last check found; undefined before the first one. */
  get state(): RootState | undefined {
    return this.#state;
  }

  get isPresent(): boolean {
    return this.#state?.kind === 'present';
  }

  /** Checks the folder. Resolves once changes in another folder than before are reported. */
  async check(): Promise<RootCheck> {
    const before = this.#state;
    const state = await this.view.checkRoot();
    if (state.kind === 'unavailable') {
      const { evidence, remedy } = state;
      if (before?.kind !== 'unavailable')
        this.log.warn({ evidence, remedy }, 'folder unavailable, no file is called lost');
      this.#state = state;
      return 'unavailable';
    }
    const isSame = before?.kind === 'present' && before.identity === state.identity;
    if (!isSame) await this.changes.begin(state);
    this.#state = state;
    return isSame ? 'same' : 'replaced';
  }

  async close(): Promise<void> {
    await this.changes.close();
  }
}
