import {
  API_ROOT,
  type ReplyFrom,
  type RequestTo,
  type Route,
  type RouteName,
  parseRouteKey,
  routes,
} from '@allibrary/api';
import { Delete, type ExecutionContext, Get, HttpCode, Patch, Post, Put, createParamDecorator } from '@nestjs/common';
import type { Request } from 'express';
import { parseRequest } from './parse-request.ts';

const METHODS = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete };

/** A handler receives the parsed request, then the parameters that it requests from Nest. It writes a streamed reply itself. */
type Handler<N extends RouteName> = (
  request: RequestTo<N>,
  ...others: never[]
) => HandlerReply<N> | Promise<HandlerReply<N>>;
type HandlerReply<N extends RouteName> = (typeof routes)[N] extends { readonly media: string } ? unknown : ReplyFrom<N>;

/** Makes a controller's method the handler of a route: method, path, status, and its parsed request as first parameter. */
export function Handles<N extends RouteName>(name: N) {
  const { method, path } = parseRouteKey(name);
  const route: Route = routes[name];
  return <H extends Handler<N>>(target: object, key: string, descriptor: TypedPropertyDescriptor<H>): void => {
    METHODS[method](API_ROOT + path)(target, key, descriptor);
    HttpCode(route.status ?? 200)(target, key, descriptor);
    ParsedRequest(route)(target, key, 0);
  };
}

const ParsedRequest = createParamDecorator((route: Route, context: ExecutionContext) =>
  parseRequest(route, context.switchToHttp().getRequest<Request>()),
);
