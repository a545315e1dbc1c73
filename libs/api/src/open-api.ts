import { type ZodOpenApiOperationObject, type ZodOpenApiPathsObject, createDocument } from 'zod-openapi';
import { ErrorBody } from './error-body.ts';
import { API_ROOT, type Route, parseRouteKey } from './route.ts';
import { type RouteName, routes } from './routes.ts';

const errorContent = { 'application/json': { schema: ErrorBody } };
const errors = {
  '4XX': { description: 'The request cannot be served.', content: errorContent },
  '5XX': { description: 'The node cannot serve it now.', content: errorContent },
};

/** The OpenAPI 3.1 document of all routes. */
export function openApiDocument(version: string): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {};
  for (const [key, route] of Object.entries(routes) as [RouteName, Route][]) {
    const { method, path } = parseRouteKey(key);
    const url = API_ROOT + path.replaceAll(/:(\w+)/g, '{$1}');
    paths[url] = { ...paths[url], [method.toLowerCase()]: operation(path, route) };
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'AlLibrary Seedbox',
      description:
        'The REST interface of one node of the AlLibrary network. Every path requires the API key, which has every role.',
      version,
    },
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    paths,
  });
}

function operation(path: string, route: Route): ZodOpenApiOperationObject {
  const { summary, role, status = 200, params, query, headers, body, reply, media } = route;
  return {
    summary,
    description: `Requires the role ${role}.`,
    tags: [path.split('/')[1] ?? ''],
    requestParams: {
      ...(params && { path: params }),
      ...(query && { query }),
      ...(headers && { header: headers }),
    },
    ...(body && { requestBody: { content: { 'application/json': { schema: body } } } }),
    responses: {
      [`${status}`]: {
        description: 'Done.',
        ...(reply && { content: { 'application/json': { schema: reply } } }),
        ...(media && { content: { [media]: {} } }),
      },
      ...errors,
    },
  };
}
