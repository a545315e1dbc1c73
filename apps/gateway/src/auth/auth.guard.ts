import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Admission } from './admission.ts';

/** Refuses unauthenticated requests to every route, including routes outside the path that {@link admitFirst} protects. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly admission: Admission) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.admission.admit(context.switchToHttp().getRequest<Request>());
    return true;
  }
}
