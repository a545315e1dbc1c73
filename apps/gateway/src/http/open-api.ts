import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { VERSION } from './version.ts';

const DOCS_PATH = '/api/docs';
/** Swagger's page styles itself inline. */
const DOCS_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/**
 * Serves the OpenAPI page and its JSON. They need no key: they hold nothing about this node, and client
 * generators read them without one.
 */
export function serveApiDescription(app: NestExpressApplication): void {
  app.use(DOCS_PATH, (_request: Request, response: Response, next: NextFunction) => {
    response.setHeader('Content-Security-Policy', DOCS_POLICY);
    next();
  });
  SwaggerModule.setup(DOCS_PATH, app, () => describeApi(app), { raw: ['json'] });
}

function describeApi(app: NestExpressApplication) {
  const description = new DocumentBuilder()
    .setTitle('AlLibrary Seedbox')
    .setDescription('The REST interface of one node of the AlLibrary network. Every path wants the API key.')
    .setVersion(VERSION)
    .addBearerAuth({ type: 'http', scheme: 'bearer' })
    .build();
  return SwaggerModule.createDocument(app, description);
}
