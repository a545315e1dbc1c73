import { ApiError } from './api.ts';
import { notify } from './element.ts';

/** Dispatched on the window when the node needs the key again. */
export const SIGNED_OUT = 'allibrary-signed-out';

/** Runs an action that can fail, and shows its error. */
export function attempt(action: () => Promise<void>): void {
  action().catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 401) window.dispatchEvent(new Event(SIGNED_OUT));
    else notify(error instanceof Error ? error.message : String(error));
  });
}
