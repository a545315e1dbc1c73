import { Controller, HttpCode, applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { ErrorBody } from './error-body.ts';

/** Path prefix of every resource of the REST interface. */
export const API_ROOT = '/api/v1';

/** A controller of one resource under {@link API_ROOT}, as the OpenAPI document shows it. */
export const ApiController = (resource: string): ClassDecorator =>
  applyDecorators(
    Controller(`${API_ROOT}/${resource}`),
    ApiTags(resource),
    ApiBearerAuth(),
    ApiResponse({ status: '4XX', description: 'The request can not be served.', standardSchema: ErrorBody }),
    ApiResponse({ status: '5XX', description: 'The node can not serve it now.', standardSchema: ErrorBody }),
  );

/** Documents a controller's method: one sentence, the status and the schema of its response. */
export const Answers = (summary: string, status: number, schema?: z.ZodType): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary }),
    HttpCode(status),
    ApiResponse({ status, description: 'Done.', ...(schema && { standardSchema: schema }) }),
  );
