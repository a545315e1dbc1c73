import { encodeExtended } from 'content-disposition';

/** Types that a browser shows without running them as our page; it saves all others. */
const SHOWN_TYPES =
  /^(?:text\/plain|application\/pdf|image\/(?:png|jpeg|gif|webp|avif)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;
const SANE_TYPE = /^[a-z\d][\w.+-]*\/[a-z\d][\w.+-]*$/i;
/** Control characters, path separators, quotes, and the marks that reverse text (`exe.fdp` shown as `pdf.exe`). */
const UNSAFE_IN_NAMES = /[\p{Cc}\p{Zl}\p{Zp}"\\/\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu;

/** Content-Type of a document. Text is declared as UTF-8, and an invalid media type as bytes. */
export function contentType(mediaType: string): string {
  if (!SANE_TYPE.test(mediaType)) return 'application/octet-stream';
  return mediaType.startsWith('text/') ? `${mediaType}; charset=utf-8` : mediaType;
}

/** Content-Disposition of a document (RFC 6266): its sanitised name in ASCII and in UTF-8. */
export function contentDisposition(name: string, mediaType: string): string {
  const safe = name.toWellFormed().replaceAll(UNSAFE_IN_NAMES, '_');
  const ascii = safe.replaceAll(/[^ -~]/g, '_').replaceAll('%', '_');
  const how = SHOWN_TYPES.test(mediaType) ? 'inline' : 'attachment';
  return `${how}; filename="${ascii}"; filename*=${encodeExtended(safe)}`;
}
