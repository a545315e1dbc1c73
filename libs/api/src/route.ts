import type { z } from 'zod';
import type { Role } from './role.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A method and a path below {@link API_ROOT}, such as `GET /downloads/:id`. */
export type RouteKey = `${Method} /${string}`;

/** Path prefix of every route. */
export const API_ROOT = '/api/v1';

/** One route of the REST interface. */
export interface Route {
  /** One sentence for the reference. */
  readonly summary: string;
  /** The lowest role that may use it. */
  readonly role: Role;
  /** Status of a successful response; 200 by default. */
  readonly status?: 200 | 201 | 202 | 204;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** JSON body of the response; absent where there is none. */
  readonly reply?: z.ZodType;
  /** The media type of a reply that is not JSON. */
  readonly media?: string;
}

type Routes = Readonly<Record<RouteKey, Route>>;

/** Keeps the exact type of each route. */
export const defineRoutes = <const R extends Routes>(routes: R): R => routes;

/** Splits the key of a route into its method and path. */
export function parseRouteKey(key: RouteKey): { readonly method: Method; readonly path: string } {
  const space = key.indexOf(' ');
  return { method: key.slice(0, space) as Method, path: key.slice(space + 1) };
}

type Parsed<R, Part extends keyof Route> = R extends { readonly [P in Part]: infer S extends z.ZodType }
  ? { readonly [P in Part]: z.output<S> }
  : unknown;

type Unparsed<R, Part extends keyof Route> = R extends { readonly [P in Part]: infer S extends z.ZodType }
  ? object extends z.input<S>
    ? { readonly [P in Part]?: z.input<S> }
    : { readonly [P in Part]: z.input<S> }
  : unknown;

/** What the node's handler of a route receives: every part parsed by its schema. */
export type RequestOf<R extends Route> = Parsed<R, 'params'> &
  Parsed<R, 'query'> &
  Parsed<R, 'headers'> &
  Parsed<R, 'body'>;

/** What a client sends to a route. */
export type CallOf<R extends Route> = Unparsed<R, 'params'> &
  Unparsed<R, 'query'> &
  Unparsed<R, 'headers'> &
  Unparsed<R, 'body'>;

/** The JSON body of a route's reply. */
export type ReplyOf<R extends Route> = R extends { readonly reply: infer S extends z.ZodType } ? z.output<S> : void;
