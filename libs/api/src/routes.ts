import { documentRoutes } from './documents.ts';
import { downloadRoutes } from './downloads.ts';
import { libraryRoutes } from './library.ts';
import { nodeRoutes } from './node.ts';
import type { CallOf, ReplyOf, RequestOf } from './route.ts';
import { searchRoutes } from './search.ts';

/** Every route of the REST interface, by its key. */
export const routes = {
  ...searchRoutes,
  ...documentRoutes,
  ...downloadRoutes,
  ...libraryRoutes,
  ...nodeRoutes,
};

type Routes = typeof routes;

/** The key of an existing route. */
export type RouteName = keyof Routes;

/** What the node's handler of a route receives: every part parsed by its schema. */
export type RequestTo<N extends RouteName> = RequestOf<Routes[N]>;

/** What a client sends to a route. */
export type CallTo<N extends RouteName> = CallOf<Routes[N]>;

/** The JSON body of a route's reply. */
export type ReplyFrom<N extends RouteName> = ReplyOf<Routes[N]>;
