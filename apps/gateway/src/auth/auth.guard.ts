import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { Admission } from './admission.ts';

/** Refuses every route without admission, also one that is not below the path where bodies wait for it. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(private readonly admission: Admission) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.admission.admit(context.switchToHttp().getRequest<Request>());
    return true;
  }
}
