import type { ReadModel } from '@allibrary/platform';

/** Why no file is published as lost. */
export interface Freeze {
  readonly evidence: string;
  readonly remedy: string;
}

/** How far a scan has come: all folders before this one are done. */
export interface ScanPosition {
  readonly scan: number;
  readonly folder: string;
}

/** Stands for the root of files whose folder the read model has lost. */
const FORGOTTEN_ROOT = 'forgotten';

/** What is stored of a collection, apart from its files. */
export class CollectionRecord {
  constructor(
    private readonly model: ReadModel,
    readonly id: string,
  ) {}

  /** The ids of all collections of which something is stored. */
  static ids(model: ReadModel): string[] {
    return model.db
      .prepare('SELECT id FROM collection')
      .all()
      .map((row) => String(row['id']));
  }

  /** Starts or continues the collection; another folder than before starts without a known root, scan or freeze. */
  open(folder: string): void {
    this.model.db
      .prepare(
        `INSERT INTO collection (id, folder, patterns, unsynced_since_ms)
         VALUES (?, ?, '[]', (SELECT unsynced_since_ms FROM unclean_stop))
         ON CONFLICT (id) DO UPDATE SET folder = excluded.folder,
           root = iif(folder = excluded.folder, root, NULL), position = iif(folder = excluded.folder, position, NULL),
           evidence = iif(folder = excluded.folder, evidence, NULL)`,
      )
      .run(this.id, folder);
  }

  /** The folder whose files are known; null for a new collection. */
  get folder(): string | null {
    return this.#text('folder');
  }

  /** Forgets the collection, once its files are published as lost. */
  drop(): void {
    this.model.db.prepare('DELETE FROM collection WHERE id = ?').run(this.id);
  }

  /** The patterns that have been applied to the known files. */
  get patterns(): readonly string[] {
    return JSON.parse(String(this.#get('patterns'))) as string[];
  }

  set patterns(patterns: readonly string[]) {
    this.#set('patterns', JSON.stringify(patterns));
  }

  /** The identity of the folder in which the files were last seen. */
  get root(): string | null {
    return this.#text('root');
  }

  set root(identity: string | null) {
    this.#setDurably('root', identity);
  }

  /** Whether the files are those of a folder whose identity the read model has lost. */
  get isRootForgotten(): boolean {
    return this.root === FORGOTTEN_ROOT;
  }

  /** Stores that the files were seen in a folder whose identity is unknown; one that is known stays. */
  forgetRoot(): void {
    this.root ??= FORGOTTEN_ROOT;
  }

  /** The number of the latest scan. */
  get scan(): number {
    return Number(this.#get('scan'));
  }

  /** Numbers a new scan. */
  beginScan(): number {
    const scan = this.scan + 1;
    this.#set('scan', scan);
    return scan;
  }

  /** How far the full scan that runs has come; null between scans. */
  get position(): ScanPosition | null {
    const text = this.#text('position');
    return text === null ? null : (JSON.parse(text) as ScanPosition);
  }

  set position(position: ScanPosition | null) {
    this.#set('position', position && JSON.stringify(position));
  }

  get lastScanAtMs(): number | null {
    return this.#number('last_scan_at_ms');
  }

  set lastScanAtMs(timeMs: number) {
    this.#set('last_scan_at_ms', timeMs);
  }

  /** Why no file is published as lost; null when the collection is not frozen. */
  get freeze(): Freeze | null {
    const evidence = this.#text('evidence');
    return evidence === null ? null : { evidence, remedy: String(this.#get('remedy')) };
  }

  set freeze(freeze: Freeze | null) {
    this.model.transactionDurably(() =>
      this.model
        .prepare('UPDATE collection SET evidence = ?, remedy = ? WHERE id = ?')
        .run(freeze?.evidence ?? null, freeze?.remedy ?? null, this.id),
    );
  }

  /** The owner confirmed that what was missing by then was deleted; null when nothing is confirmed, or all is published. */
  get confirmedAtMs(): number | null {
    return this.#number('confirmed_at_ms');
  }

  set confirmedAtMs(timeMs: number | null) {
    this.#setDurably('confirmed_at_ms', timeMs);
  }

  /** The losses of a power cut are judged: files that go missing from now on have another reason. */
  forgetUncleanStop(): void {
    this.#set('unsynced_since_ms', null);
  }

  /** For what was acknowledged to the owner, or cannot be observed again after a power cut. */
  #setDurably(column: Column, value: string | number | null): void {
    this.model.transactionDurably(() => this.#set(column, value));
  }

  #text(column: Column): string | null {
    const value = this.#get(column);
    return value === null ? null : String(value);
  }

  #number(column: Column): number | null {
    const value = this.#get(column);
    return value === null ? null : Number(value);
  }

  #get(column: Column): string | number | null {
    const row = this.model.prepare(`SELECT ${column} FROM collection WHERE id = ?`).get(this.id)?.[column];
    return typeof row === 'string' || typeof row === 'number' ? row : null;
  }

  #set(column: Column, value: string | number | null): void {
    this.model.prepare(`UPDATE collection SET ${column} = ? WHERE id = ?`).run(value, this.id);
  }
}

type Column =
  | 'folder'
  | 'patterns'
  | 'root'
  | 'scan'
  | 'position'
  | 'last_scan_at_ms'
  | 'evidence'
  | 'remedy'
  | 'confirmed_at_ms'
  | 'unsynced_since_ms';
