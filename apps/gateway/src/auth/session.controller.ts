import type { RequestTo } from '@allibrary/api';
import { Controller, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Handles } from '../http/handles.ts';
import { clearSessionCookie, sessionToken, setSessionCookie } from './session-cookie.ts';
import { Sessions } from './sessions.ts';

/** Signs the web page in: its links and media can carry a cookie, but no header. */
@Controller()
export class SessionController {
  constructor(private readonly sessions: Sessions) {}

  @Handles('POST /session')
  begin(_: RequestTo<'POST /session'>, @Req() request: Request, @Res({ passthrough: true }) response: Response): void {
    setSessionCookie(request, response, this.sessions.begin(Date.now()));
  }

  @Handles('DELETE /session')
  end(_: RequestTo<'DELETE /session'>, @Req() request: Request, @Res({ passthrough: true }) response: Response): void {
    this.sessions.end(sessionToken(request) ?? '');
    clearSessionCookie(request, response);
  }
}
