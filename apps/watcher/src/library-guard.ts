import type { KnownFiles } from './known-files.ts';
import type { LibraryFolder } from './library-folder.ts';

/** Tells a library whose files are gone from one that is only out of reach, such as a disk that is not mounted. */
export class LibraryGuard {
  constructor(
    private readonly folder: LibraryFolder,
    private readonly known: KnownFiles,
  ) {}

  /**
   * What is wrong with the library folder, and the remedy; null when what is not in it may be called lost. An empty
   * folder is believed when it is the one that held the files: an empty mount point is another.
   */
  async problem(): Promise<string | null> {
    const state = await this.folder.state();
    const { root } = this.folder;
    switch (state.kind) {
      case 'missing':
        return `the library folder ${root} is missing: mount its disk, or create the folder`;
      case 'unreadable':
        return `the library folder ${root} can't be read: let this service read it (${state.reason})`;
      case 'present': {
        if (!state.isEmpty || state.identity === this.known.home) return null;
        const files = this.known.count();
        if (files === 0) return null;
        return `the library folder ${root} is empty and not the one that held ${files} files: mount its disk, or, if it shall be empty, put any file into it`;
      }
    }
  }

  /** Remembers the folder as the one that holds the files; to be called when {@link problem} has found none. */
  async rememberHome(): Promise<void> {
    const state = await this.folder.state();
    if (state.kind === 'present' && (!state.isEmpty || this.known.count() === 0)) this.known.home = state.identity;
  }
}
