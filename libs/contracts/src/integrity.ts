import { z } from 'zod';
import { DocumentId, Location, PeerId, TimestampMs } from './content.ts';
import { event, request } from './contract.ts';
import { settings } from './settings.ts';

const MIB = 1_048_576;

/** Settings of the audit, which verifies that files still hold the bytes of their documents. */
export const AuditSettings = settings({
  name: 'audit',
  schema: z.strictObject({
    enabled: z.boolean().default(true),
    /** A file is verified again when its last verification is older than this. */
    everyDays: z.number().min(1).max(3_650).default(90),
    /** The audit's own limit on disk reads. */
    bytesPerSecond: z
      .int()
      .min(MIB)
      .max(1e12)
      .default(20 * MIB),
    /** Whether damaged files are repaired: an edit that keeps a file's size and date looks the same as damage. */
    repair: z.boolean().default(false),
    /** One in this many pieces is verified before it is sent to a peer; 1 verifies all. */
    checkOneServedPieceIn: z.int().min(1).max(1_000_000).default(64),
  }),
});
/** Value of {@link AuditSettings}. */
export type AuditWishes = z.output<typeof AuditSettings.schema>;

/** How damage was detected: while serving a peer, or by the audit. */
export const DamageCause = z.enum(['served', 'audit']);
export type DamageCause = z.output<typeof DamageCause>;

/** Piece numbers; more of them are split over several facts. */
const Pieces = z.array(z.int().nonnegative()).min(1).max(1_000);

/** Pieces of a file are damaged although nobody edited the file. */
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

/** Damaged pieces of a file were repaired; without sources, from another file of this node. */
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

/** Fixity of one file of a document. */
export const FileFixity = z.object({
  documentId: DocumentId,
  location: Location,
  state: z.enum(['sound', 'damaged']),
  /** When all of its bytes were last verified as correct. */
  verifiedAtMs: TimestampMs,
  damagedPieces: z.int().nonnegative(),
  /** State of the repair; null when there is no damage. */
  reason: z.string().nullable(),
  repairedAtMs: TimestampMs.nullable(),
  /** Peers that supplied the pieces of the last repair; empty when they came from another file of this node. */
  repairedFrom: z.array(PeerId),
});
export type FileFixity = z.output<typeof FileFixity>;

/** Progress of the audit and its findings. */
export const AuditReport = z.object({
  state: z.enum(['off', 'idle', 'verifying']),
  /** The file that is being read. */
  current: Location.nullable(),
  files: z.int().nonnegative(),
  /** Files whose verification is due. */
  overdue: z.int().nonnegative(),
  damaged: z.int().nonnegative(),
  repaired: z.int().nonnegative(),
  /** The first of the damaged files; the list is limited. */
  damagedFiles: z.array(FileFixity).max(100),
});
export type AuditReport = z.output<typeof AuditReport>;

/** Returns the status of the audit. */
export const GetAuditReport = request({
  subject: 'transfer.audit.report',
  request: z.object({}),
  reply: AuditReport,
  timeoutMs: 5_000,
});

/** Returns the fixity of a document's files; `not-found` when it is not on this node. */
export const GetFixity = request({
  subject: 'transfer.audit.get',
  request: z.object({ documentId: DocumentId }),
  reply: z.object({ files: z.array(FileFixity).max(64) }),
  timeoutMs: 5_000,
});

/** Queues one document, or all, for verification now and returns the number of files waiting. */
export const StartAudit = request({
  subject: 'transfer.audit.start',
  request: z.object({ documentId: DocumentId.optional() }),
  reply: z.object({ files: z.int().nonnegative() }),
  timeoutMs: 5_000,
});
