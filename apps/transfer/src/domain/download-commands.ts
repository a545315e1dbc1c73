import type { DownloadCommand, DownloadPriority, DownloadState } from '@allibrary/contracts';

/** What the user wants of a download. */
export interface DownloadWish {
  readonly isPaused: boolean;
  readonly priority: DownloadPriority;
  /** When it was moved to the front of its priority; null when it never was. */
  readonly frontAtMs: number | null;
  /** Since when it is wanted: an end before that does not count any more. */
  readonly wantedAtMs: number;
}

/** What a command makes of a download: another wish, or its end. */
export type CommandEffect =
  | { readonly kind: 'wish'; readonly wish: DownloadWish }
  | { readonly kind: 'end'; readonly outcome: 'cancelled' | 'forgotten' };

/** The download stands where the command makes no sense. */
export class ContradictsState extends Error {
  override readonly name = 'ContradictsState';
}

/** Whether a download in this state is not at its end. */
export const isUnfinished = (state: DownloadState): boolean => ['queued', 'active', 'paused'].includes(state);

/** What a command makes of a download that stands so; throws {@link ContradictsState}. */
export function effectOf(
  command: DownloadCommand,
  { state, wish }: { readonly state: DownloadState; readonly wish: DownloadWish },
  atMs: number,
): CommandEffect {
  const changed = (change: Partial<DownloadWish>): CommandEffect => ({ kind: 'wish', wish: { ...wish, ...change } });
  if (command.do !== 'retry' && command.do !== 'forget' && !isUnfinished(state))
    throw new ContradictsState(`it is ${state}: there is nothing to ${command.do}`);
  switch (command.do) {
    case 'pause':
      return changed({ isPaused: true });
    case 'resume':
      return changed({ isPaused: false });
    case 'prioritise':
      return changed({ priority: command.priority });
    case 'move-to-front':
      return changed({ frontAtMs: atMs });
    case 'retry':
      if (state === 'completed') throw new ContradictsState('it is complete: there is nothing to try again');
      return changed({ isPaused: false, wantedAtMs: Math.max(atMs, wish.wantedAtMs + 1) });
    case 'cancel':
      return { kind: 'end', outcome: 'cancelled' };
    case 'forget':
      if (isUnfinished(state)) throw new ContradictsState(`it is ${state}: cancel it first`);
      return { kind: 'end', outcome: 'forgotten' };
  }
}
