import { resolve } from 'node:path';
import { CollectionsSettings, type SettingsOf, type SettingsSection } from '@allibrary/contracts';
import { type LibraryPlaces, isInRoots } from '@allibrary/library';
import { RequestFailure } from '@allibrary/messaging';

/** What a section's schema can't know: where on this machine collections may lie. */
export class SettingsCheck {
  readonly #roots: readonly string[];

  constructor({ libraryDir, libraryRoots }: LibraryPlaces) {
    this.#roots = [resolve(libraryDir), ...libraryRoots];
  }

  /** Throws a {@link RequestFailure} that names what to change. */
  accept(section: SettingsSection, value: unknown): void {
    if (section !== CollectionsSettings) return;
    const { collections } = value as SettingsOf<typeof CollectionsSettings>;
    const outside = collections.find(({ folder }) => !isInRoots(resolve(folder), this.#roots));
    if (!outside) return;
    throw new RequestFailure(
      'invalid',
      `${outside.folder} may not be shared: it lies in none of ${this.#roots.join(', ')}. The operator of this node names further folders in ALLIBRARY_LIBRARY_ROOTS.`,
    );
  }
}
