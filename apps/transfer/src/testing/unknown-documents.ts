import { randomBytes } from 'node:crypto';
import { pieceCid } from '@allibrary/core';

/** The id of a document that nobody has. */
export const unknownDocument = (): string => pieceCid(randomBytes(32)).toString();
