import {
  type DamageCause,
  type Data,
  DocumentDamaged,
  DocumentRepaired,
  type FileFixity,
  type Location,
} from '@allibrary/contracts';
import type { ReadModel } from '@allibrary/platform';
import type { FileRecord } from '../catalog/catalog.ts';
import type { Outbox } from '../catalog/outbox.ts';

/** Times that are farther in the future than this were stored by a wrong clock. */
const CLOCK_SLACK_MS = 60_000;
const AT = 'collection = ? AND path = ?';
type Row = Record<string, unknown>;

const FIXITY = `
  SELECT *, (SELECT count(*) FROM damage WHERE damage.collection = fixity.collection AND damage.path = fixity.path)
    AS damaged_pieces FROM fixity`;

/** A file whose turn it is, with how often it was wished for until now. */
export interface DueFile extends Location {
  readonly wishes: number;
}

/** What is known of the fixity of each file: when it was verified, which pieces are damaged, and what was repaired. */
export class DamageStore {
  constructor(
    private readonly model: ReadModel,
    private readonly outbox: Outbox,
    private readonly now: () => number,
  ) {}

  /** Records a damaged piece durably, and keeps the fact for the others; returns false when it was known. */
  damaged({ collection, path, documentId }: FileRecord, piece: number, cause: DamageCause): boolean {
    return this.model.transactionDurably(() => {
      const noticedAtMs = this.now();
      const { changes } = this.model
        .prepare('INSERT OR IGNORE INTO damage (collection, path, piece, cause, noticed_at_ms) VALUES (?, ?, ?, ?, ?)')
        .run(collection, path, piece, cause, noticedAtMs);
      if (changes === 0) return false;
      const location = { collection, path };
      this.outbox.add(DocumentDamaged, { documentId, location, pieces: [piece], cause, noticedAtMs });
      return true;
    });
  }

  /** The damaged pieces of a file, the first of them. */
  pieces({ collection, path }: Location, limit: number): number[] {
    const rows = this.model
      .prepare(`SELECT piece FROM damage WHERE ${AT} ORDER BY piece LIMIT ?`)
      .all(collection, path, limit);
    return rows.map((row) => Number(row['piece']));
  }

  /** The files that are damaged. */
  files(): Location[] {
    return this.model.prepare('SELECT DISTINCT collection, path FROM damage').all().map(locationOf);
  }

  /** Notes that a file is about to be written: a crash leaves the note. */
  repairStarts({ collection, path }: Location): void {
    this.model.prepare('INSERT OR REPLACE INTO repair VALUES (?, ?, ?)').run(collection, path, this.now());
  }

  /** Files that a repair wrote in when the process ended. */
  brokenRepairs(): (Location & { readonly startedAtMs: number })[] {
    const rows = this.model.prepare('SELECT * FROM repair').all();
    return rows.map((row) => ({ ...locationOf(row), startedAtMs: Number(row['started_at_ms']) }));
  }

  /** Takes the note of {@link repairStarts} away, with what else is true from now on. */
  repairEnds({ collection, path }: Location, alsoStore: () => void = () => {}): void {
    this.model.transaction(() => {
      this.model.prepare(`DELETE FROM repair WHERE ${AT}`).run(collection, path);
      alsoStore();
    });
  }

  /** Records that a piece is right again; to be called inside {@link repairEnds}. */
  repaired({ documentId, location, pieces, sources, repairedAtMs }: Data<typeof DocumentRepaired>): void {
    const { collection, path } = location;
    for (const piece of pieces)
      this.model.prepare(`DELETE FROM damage WHERE ${AT} AND piece = ?`).run(collection, path, piece);
    this.model
      .prepare(`UPDATE fixity SET repaired_at_ms = ?, repaired_from = ? WHERE ${AT}`)
      .run(repairedAtMs, JSON.stringify(sources), collection, path);
    this.outbox.add(DocumentRepaired, { documentId, location, pieces, sources, repairedAtMs });
  }

  /**
   * The file whose turn it is to be verified: first those that somebody wants, then the one verified longest ago. A time
   * in the future was stored by a wrong clock: nobody knows how long ago that was, so the file is due.
   */
  nextDue(olderThanMs: number): DueFile | undefined {
    const first = this.model.prepare('SELECT * FROM fixity ORDER BY wishes DESC, looked_at_ms LIMIT 1').get();
    if (!first) return undefined;
    const wishes = Number(first['wishes']);
    if (wishes > 0 || Number(first['looked_at_ms']) < olderThanMs) return { ...locationOf(first), wishes };
    const later = this.model.prepare('SELECT * FROM fixity WHERE looked_at_ms > ? LIMIT 1').get(this.#futureMs);
    return later && { ...locationOf(later), wishes: 0 };
  }

  get #futureMs(): number {
    return this.now() + CLOCK_SLACK_MS;
  }

  /**
   * Takes a file from the front of the queue, unless somebody has wished for it since; when all of its bytes were
   * right, its time of verification moves and what was damaged is right again.
   */
  looked({ collection, path, wishes }: DueFile, isVerified: boolean): void {
    const nowMs = this.now();
    this.model
      .prepare(
        `UPDATE fixity SET wishes = iif(wishes = ?, 0, wishes), looked_at_ms = ?,
           verified_at_ms = iif(?, ?, verified_at_ms) WHERE ${AT}`,
      )
      .run(wishes, nowMs, Number(isVerified), nowMs, collection, path);
    if (isVerified) this.model.prepare(`DELETE FROM damage WHERE ${AT}`).run(collection, path);
  }

  /** Puts the files of a document, or all, to the front of the queue, durably; returns how many wait. */
  want(documentId: string | undefined): number {
    const all = 'UPDATE fixity SET wishes = wishes + 1';
    const { changes } = this.model.transactionDurably(() =>
      documentId === undefined
        ? this.model.prepare(all).run()
        : this.model.prepare(`${all} WHERE document_id = ?`).run(documentId),
    );
    return Number(changes);
  }

  /** Files, those whose verification is due, those that are damaged, and those that were repaired. */
  counts(olderThanMs: number): { files: number; overdue: number; damaged: number; repaired: number } {
    const count = (from: string, ...values: number[]) =>
      Number(this.model.prepare(`SELECT count(*) AS n FROM ${from}`).get(...values)?.['n']);
    return {
      files: count('fixity'),
      overdue: count('fixity WHERE wishes > 0 OR looked_at_ms < ? OR looked_at_ms > ?', olderThanMs, this.#futureMs),
      damaged: count('(SELECT DISTINCT collection, path FROM damage)'),
      repaired: count('fixity WHERE repaired_at_ms IS NOT NULL'),
    };
  }

  /** When the file was looked at that was left alone for the longest; null when there is none. */
  oldestLookMs(): number | null {
    const row = this.model.prepare('SELECT min(looked_at_ms) AS oldest FROM fixity WHERE wishes = 0').get();
    return (row?.['oldest'] ?? null) as number | null;
  }

  /** How the files of a document stand. */
  fixityOf(documentId: string): Omit<FileFixity, 'reason'>[] {
    return this.model.prepare(`${FIXITY} WHERE document_id = ? LIMIT 64`).all(documentId).map(fixityOf);
  }

  /** How the first of the damaged files stand. */
  damagedFiles(limit: number): Omit<FileFixity, 'reason'>[] {
    const damaged = 'WHERE (collection, path) IN (SELECT DISTINCT collection, path FROM damage LIMIT ?)';
    return this.model.prepare(`${FIXITY} ${damaged}`).all(limit).map(fixityOf);
  }
}

const locationOf = (row: Row): Location => ({ collection: String(row['collection']), path: String(row['path']) });

const fixityOf = (row: Row): Omit<FileFixity, 'reason'> => ({
  documentId: String(row['document_id']),
  location: locationOf(row),
  state: Number(row['damaged_pieces']) > 0 ? 'damaged' : 'sound',
  verifiedAtMs: Number(row['verified_at_ms']),
  damagedPieces: Number(row['damaged_pieces']),
  repairedAtMs: row['repaired_at_ms'] as number | null,
  repairedFrom: JSON.parse(String(row['repaired_from'])) as string[],
});
