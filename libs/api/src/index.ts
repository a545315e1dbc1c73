export { ErrorBody, ErrorCode } from './error-body.ts';
export { OtherService, StatusReport } from './node.ts';
export { Role, permits } from './role.ts';
export { API_ROOT, type Route, parseRouteKey } from './route.ts';
export { type CallTo, type ReplyFrom, type RequestTo, type RouteName, routes } from './routes.ts';
export { MAX_OFFSET, SearchQuery, SearchReply, SearchResult } from './search.ts';
