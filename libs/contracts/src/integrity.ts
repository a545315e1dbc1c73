import { z } from 'zod';
import { DocumentId, Location, PeerId, TimestampMs } from './content.ts';
import { event, request } from './contract.ts';
import { settings } from './settings.ts';

const MIB = 1_048_576;

/** How the node proves that its files are still what they were. */
export const AuditSettings = settings({
  name: 'audit',
  schema: z.strictObject({
    enabled: z.boolean().default(true),
    /** Each file is verified again when its last verification is older. */
    everyDays: z.number().min(1).max(3_650).default(90),
    /** The audit's own bandwidth on the disk. */
    bytesPerSecond: z
      .int()
      .min(MIB)
      .max(1e12)
      .default(20 * MIB),
    /** Whether damaged files are written to: an edit that keeps a file's size and date can't be told from damage. */
    repair: z.boolean().default(false),
    /** One of so many pieces is verified on its way to a peer; 1 verifies all. */
    checkOneServedPieceIn: z.int().min(1).max(1_000_000).default(64),
  }),
});
/** The value of {@link AuditSettings}. */
export type AuditWishes = z.output<typeof AuditSettings.schema>;

/** How damage was noticed: on the way to a peer, or by the audit. */
export const DamageCause = z.enum(['served', 'audit']);
export type DamageCause = z.output<typeof DamageCause>;

/** Piece numbers; a fact about more of them is told as several. */
const Pieces = z.array(z.int().nonnegative()).min(1).max(1_000);

/** Pieces of a file are not what they were, and nobody edited the file. */
export const DocumentDamaged = event({
  stream: 'LIBRARY',
  subject: 'library.document.damaged',
  schema: z.object({
    documentId: DocumentId,
    location: Location,
    pieces: Pieces,
    cause: DamageCause,
    noticedAtMs: TimestampMs,
  }),
  key: (damage) => `${damage.location.collection}/${damage.location.path}#${damage.pieces[0]}@${damage.noticedAtMs}`,
});

/** A damaged piece of a file is right again; from another file of this node when no source is named. */
export const DocumentRepaired = event({
  stream: 'LIBRARY',
  subject: 'library.document.repaired',
  schema: z.object({
    documentId: DocumentId,
    location: Location,
    pieces: Pieces,
    sources: z.array(PeerId).max(64),
    repairedAtMs: TimestampMs,
  }),
  key: (repair) => `${repair.location.collection}/${repair.location.path}#${repair.pieces[0]}@${repair.repairedAtMs}`,
});

/** How one file of a document stands. */
export const FileFixity = z.object({
  documentId: DocumentId,
  location: Location,
  state: z.enum(['sound', 'damaged']),
  /** When all of its bytes were last found right. */
  verifiedAtMs: TimestampMs,
  damagedPieces: z.int().nonnegative(),
  /** What becomes of the damage; null when there is none. */
  reason: z.string().nullable(),
  repairedAtMs: TimestampMs.nullable(),
  /** The peers that gave the pieces of the last repair; none when they came from another file of this node. */
  repairedFrom: z.array(PeerId),
});
export type FileFixity = z.output<typeof FileFixity>;

/** What the audit does, and what it has found. */
export const AuditReport = z.object({
  state: z.enum(['off', 'idle', 'verifying']),
  /** The file that is read now. */
  current: Location.nullable(),
  files: z.int().nonnegative(),
  /** Files whose verification is due. */
  overdue: z.int().nonnegative(),
  damaged: z.int().nonnegative(),
  repaired: z.int().nonnegative(),
  /** The first of the damaged files. */
  damagedFiles: z.array(FileFixity).max(100),
});
export type AuditReport = z.output<typeof AuditReport>;

/** How the audit stands. */
export const GetAuditReport = request({
  subject: 'transfer.audit.report',
  request: z.object({}),
  reply: AuditReport,
  timeoutMs: 5_000,
});

/** The fixity of a document's files; `not-found` when it is not here. */
export const GetFixity = request({
  subject: 'transfer.audit.get',
  request: z.object({ documentId: DocumentId }),
  reply: z.object({ files: z.array(FileFixity).max(64) }),
  timeoutMs: 5_000,
});

/** Verify one document now, or all; answers how many files wait for it. */
export const StartAudit = request({
  subject: 'transfer.audit.start',
  request: z.object({ documentId: DocumentId.optional() }),
  reply: z.object({ files: z.int().nonnegative() }),
  timeoutMs: 5_000,
});
