import type { ErrorBody, ErrorCode } from '../error-body.ts';
import { API_ROOT, parseRouteKey } from '../route.ts';
import type { CallTo, ReplyFrom, RouteName } from '../routes.ts';

/** The node refused a request, or did not answer it (status 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    readonly code: ErrorCode | 'no-answer',
    message: string,
  ) {
    super(message);
  }
}

/** Address of the node, and the credentials of every request. */
export interface ApiClientOptions {
  /** Such as `http://127.0.0.1:8080`; empty for the page's own origin. */
  readonly url: string;
  readonly apiKey?: string;
}

interface Parts {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Calls the routes of a node. It imports only the types of the routes, no schemas, so that a web page stays small. */
export class ApiClient {
  constructor(private readonly options: ApiClientOptions) {}

  /** Sends one request; rejects with an {@link ApiError} unless the node served it. */
  async call<N extends RouteName>(name: N, request: CallTo<N>, signal?: AbortSignal): Promise<ReplyFrom<N>> {
    const response = await this.open(name, request, signal);
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as ReplyFrom<N>;
  }

  /** Sends one request whose reply is not JSON: the bytes of a document, or a stream of events. */
  async open<N extends RouteName>(name: N, request: CallTo<N>, signal?: AbortSignal): Promise<Response> {
    const { headers, body } = request as Parts;
    const init: RequestInit = {
      method: parseRouteKey(name).method,
      headers: { ...this.#headers(body), ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    };
    const response = await fetch(this.url(name, request), init).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw new ApiError(0, 'no-answer', `The node at ${this.options.url} does not answer: ${describe(error)}`);
    });
    if (response.ok) return response;
    throw await errorOf(response);
  }

  /** The URL of a route, for links and event sources. */
  url<N extends RouteName>(name: N, request: CallTo<N>): string {
    const { params = {}, query = {} } = request as Parts;
    const path = parseRouteKey(name).path.replaceAll(/:(\w+)/g, (_, key: string) =>
      encodeURIComponent(params[key] ?? ''),
    );
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const search = new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)])).toString();
    return `${this.options.url}${API_ROOT}${path}${search && `?${search}`}`;
  }

  #headers(body: unknown): Record<string, string> {
    return {
      ...(this.options.apiKey !== undefined && { authorization: `Bearer ${this.options.apiKey}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => undefined)) as ErrorBody | undefined;
  const { code = 'internal', message = `The node answered with status ${response.status}.` } = body?.error ?? {};
  return new ApiError(response.status, code, message);
}

/** fetch hides the reason in the cause. */
function describe(error: unknown): string {
  const { cause = error } = error as Error;
  return cause instanceof Error ? cause.message : String(cause);
}
