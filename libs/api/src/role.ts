import { z } from 'zod';

/**
 * What an account may do. Each role includes those before it: a reader searches and reads, a librarian also fetches documents
 * and looks after the collections, an administrator also changes settings, peers and accounts.
 */
export const Role = z.enum(['reader', 'librarian', 'administrator']);
export type Role = z.output<typeof Role>;

/** Whether an account with the role `held` may use a route that requires `required`. */
export const permits = (held: Role, required: Role): boolean =>
  Role.options.indexOf(held) >= Role.options.indexOf(required);
