import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApiDocument } from '@allibrary/api/open-api';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { VERSION } from './version.ts';

/** The files of the page; the package's own function does not work from a bundle. */
const PAGE_FOLDER = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/index.html')));
const DOCS_PATH = '/api/docs';
const DOCUMENT_PATH = '/api/docs-json';
/** Swagger UI styles itself inline. */
const DOCS_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
/** Replaces the file of Swagger UI that names the document to show. */
const INITIALIZER = `window.ui = SwaggerUIBundle({ url: '${DOCUMENT_PATH}', dom_id: '#swagger-ui' });`;

/**
 * Serves the OpenAPI document and a page that shows it. They need no key: they hold nothing about this node, and client
 * generators read them without one.
 */
export function serveApiDescription(app: NestExpressApplication): void {
  app.use(DOCS_PATH, (_request: Request, response: Response, next: NextFunction) => {
    response.setHeader('Content-Security-Policy', DOCS_POLICY);
    next();
  });
  app.use(`${DOCS_PATH}/swagger-initializer.js`, (_request: Request, response: Response) => {
    response.type('text/javascript').send(INITIALIZER);
  });
  app.use(DOCUMENT_PATH, (_request: Request, response: Response) => {
    response.json(openApiDocument(VERSION));
  });
  app.useStaticAssets(PAGE_FOLDER, { prefix: DOCS_PATH });
}
