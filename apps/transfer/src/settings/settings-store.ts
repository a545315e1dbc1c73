import { readFileSync } from 'node:fs';
import { CollectionsSettings, SETTINGS_SECTIONS, type SettingsSection, type StoredSection } from '@allibrary/contracts';
import { RequestFailure, StoredSettings, describeError } from '@allibrary/messaging';
import { type DurableStore, replaceFile } from '@allibrary/platform';
import type { SettingsCheck } from './settings-check.ts';
import {
  NO_SETTINGS,
  type SettingsDocument,
  decodeSettings,
  encodeSettings,
  newerOf,
  withSection,
} from './settings-document.ts';

/** What the settings are stored in. */
export interface SettingsStoreParts {
  readonly store: DurableStore;
  /** The readable copy, which belongs to the backup. */
  readonly copyFile: string;
  readonly check: SettingsCheck;
}

/**
 * The settings on disk, twice: fsynced in the durable store before a write is acknowledged, and as a readable file.
 * Each copy has a checksum and a generation; the newest sound one counts, and replaces the other.
 */
export class SettingsStore extends StoredSettings {
  readonly #store: DurableStore;
  readonly #copyFile: string;
  readonly #check: SettingsCheck;
  #copyProblem: string | null = null;

  constructor({ store, copyFile, check }: SettingsStoreParts) {
    super();
    this.#store = store;
    this.#copyFile = copyFile;
    this.#check = check;
    this.#recover();
  }

  /** Whether the owner, or the first start, has ever chosen what to share. */
  get areCollectionsKnown(): boolean {
    return this.#sectionOf(CollectionsSettings.name).revision > 0;
  }

  override async read(section: string): Promise<StoredSection> {
    const { name, schema } = knownSection(section);
    const stored = this.#sectionOf(name);
    return stored.revision === 0 ? { value: schema.parse({}), revision: 0 } : stored;
  }

  override async write(section: string, value: unknown, seenRevision?: number): Promise<StoredSection> {
    const definition = knownSection(section);
    const parsed = accept(definition, value);
    this.#check.accept(definition, parsed);
    const document = this.#store.transaction(() => {
      const before = this.#document();
      if (seenRevision !== undefined && seenRevision !== (before.sections[section]?.revision ?? 0)) {
        throw changedSince(section);
      }
      return this.#keep(withSection(before, section, parsed));
    });
    this.#copy(document);
    return { value: parsed, revision: document.generation };
  }

  /** Stores sections of an older version as they are; those that can't be read any more are a {@link problem}. */
  adopt(sections: Readonly<Record<string, unknown>>): void {
    const document = Object.entries(sections).reduce(
      (before, [section, value]) => withSection(before, section, value),
      this.#document(),
    );
    this.#store.transaction(() => this.#keep(document));
    this.#copy(document);
  }

  override async problem(): Promise<string | null> {
    if (!this.areCollectionsKnown) return SETTINGS_LOST(this.#copyFile);
    const unreadable = SETTINGS_SECTIONS.find((section) => !isReadable(section, this.#sectionOf(section.name)));
    if (unreadable) return `This version can't read the settings "${unreadable.name}": write them again.`;
    return this.#copyProblem;
  }

  #sectionOf(name: string): StoredSection {
    return this.#document().sections[name] ?? { value: null, revision: 0 };
  }

  /** Read each time: another replica may have written. */
  #document(): SettingsDocument {
    return this.#stored() ?? NO_SETTINGS;
  }

  #stored(): SettingsDocument | null {
    const row = this.#store.prepare('SELECT document FROM settings').get();
    return row ? decodeSettings(String(row['document'])) : null;
  }

  #keep(document: SettingsDocument): SettingsDocument {
    this.#store
      .prepare('INSERT OR REPLACE INTO settings (only_row, generation, document) VALUES (1, ?, ?)')
      .run(document.generation, encodeSettings(document));
    return document;
  }

  #recover(): void {
    const stored = this.#stored();
    const copied = decodeSettings(readIfThere(this.#copyFile) ?? '');
    const newest = newerOf(stored, copied);
    if (!newest) return;
    if (newest !== stored) this.#store.transaction(() => this.#keep(newest));
    if (newest.generation !== copied?.generation) this.#copy(newest);
  }

  /** The write is on disk already: a copy that fails is named, and written with the next change or start. */
  #copy(document: SettingsDocument): void {
    try {
      replaceFile(this.#copyFile, encodeSettings(document));
      this.#copyProblem = null;
    } catch (error) {
      this.#copyProblem = `The copy of the settings for your backup can't be written: ${describeError(error)}.`;
    }
  }
}

const SETTINGS_LOST = (copyFile: string): string =>
  'The settings are missing or damaged, so nothing is shared. Stop the node, restore ' +
  `${copyFile} from your backup and start it again; or choose the collections again.`;

function knownSection(name: string): SettingsSection {
  const section = SETTINGS_SECTIONS.find((each) => each.name === name);
  if (section) return section;
  const names = SETTINGS_SECTIONS.map((each) => each.name).join(', ');
  throw new RequestFailure('not-found', `There are no settings "${name}". There are: ${names}.`);
}

function accept(section: SettingsSection, value: unknown): unknown {
  const parsed = section.schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.');
  throw new RequestFailure('invalid', `${path ? `${path}: ` : ''}${issue?.message ?? 'it is not understood'}`);
}

const isReadable = (section: SettingsSection, { value, revision }: StoredSection): boolean =>
  revision === 0 || section.schema.safeParse(value).success;

const changedSince = (section: string): RequestFailure =>
  new RequestFailure('conflict', `The settings "${section}" were changed since you read them: read them again.`);

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
