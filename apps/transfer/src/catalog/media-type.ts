import mime from 'mime';

/** The media type that a file's name promises. */
export const mediaTypeOf = (name: string): string => mime.getType(name) ?? 'application/octet-stream';
