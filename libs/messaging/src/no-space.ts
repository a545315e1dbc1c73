/** SQLITE_FULL, and SQLITE_IOERR_SHMSIZE: the shared memory beside a database can't grow. https://sqlite.org/rescode.html */
const SQLITE_CODES: readonly unknown[] = [13, 4_874];
const SYSTEM_CODES: readonly unknown[] = ['ENOSPC', 'EDQUOT'];
const MOST_CAUSES = 8;

/** Whether an error, or one of its causes, is that a disk or a quota is full: nothing is wrong but the lack of space. */
export function isNoSpace(error: unknown): boolean {
  let cause = error as { code?: unknown; errcode?: unknown; cause?: unknown } | null | undefined;
  for (let depth = 0; cause && depth < MOST_CAUSES; depth++) {
    if (SYSTEM_CODES.includes(cause.code) || SQLITE_CODES.includes(cause.errcode)) return true;
    cause = cause.cause as typeof cause;
  }
  return false;
}

/** A lack of space that was reported in another thread, from which errors come without their codes. */
export class NoSpace extends Error {
  override readonly name = 'NoSpace';
  readonly code = 'ENOSPC';
}
