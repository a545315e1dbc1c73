import type { DownloadCommand, DownloadState } from '@allibrary/contracts';
import type { DesiredDownload } from './download-order.ts';

/** What a command makes of a download: another desired state, or its end. */
export type CommandEffect =
  | { readonly kind: 'steer'; readonly desired: DesiredDownload }
  | { readonly kind: 'end'; readonly outcome: 'cancelled' | 'forgotten' };

/** The command makes no sense in the download's present state. */
export class ContradictsState extends Error {
  override readonly name = 'ContradictsState';
}

/** Whether a download in this state is not at its end. */
export const isUnfinished = (state: DownloadState): boolean => ['queued', 'active', 'paused'].includes(state);

/** When a command is given: `atMs` is later than all earlier changes of the download, `frontAtMs` than all moves to the front. */
export interface CommandMoment {
  readonly atMs: number;
  readonly frontAtMs: number;
}

/** Returns what a command makes of a download; throws {@link ContradictsState}. */
export function effectOf(
  command: DownloadCommand,
  { state, desired }: { readonly state: DownloadState; readonly desired: DesiredDownload },
  { atMs, frontAtMs }: CommandMoment,
): CommandEffect {
  const changed = (change: Partial<DesiredDownload>): CommandEffect => ({
    kind: 'steer',
    desired: { ...desired, ...change },
  });
  if (command.do !== 'retry' && command.do !== 'forget' && !isUnfinished(state))
    throw new ContradictsState(`it is ${state}: there is nothing to ${command.do}`);
  switch (command.do) {
    case 'pause':
      return changed({ isPaused: true });
    case 'resume':
      return changed({ isPaused: false, wantedAtMs: atMs }); // as a retry does, it also ends a pause after crashes
    case 'prioritise':
      return changed({ priority: command.priority });
    case 'move-to-front':
      return changed({ frontAtMs });
    case 'retry':
      if (state === 'completed') throw new ContradictsState('it is complete: there is nothing to try again');
      return changed({ isPaused: false, wantedAtMs: atMs });
    case 'cancel':
      return { kind: 'end', outcome: 'cancelled' };
    case 'forget':
      if (isUnfinished(state)) throw new ContradictsState(`it is ${state}: cancel it first`);
      return { kind: 'end', outcome: 'forgotten' };
  }
}
