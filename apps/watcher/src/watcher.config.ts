import { librarySettings } from '@allibrary/library';
import { type ConfigOf, commonSettings, defineConfig, setting } from '@allibrary/platform';
import { z } from 'zod';

/** A week: timers can't wait for more than 24 days. */
const MOST_MINUTES = 10_080;
const Minutes = z.coerce.number('must be a number of minutes').positive('must be above 0').max(MOST_MINUTES);

/** The settings of the watcher. */
export const watcherConfig = defineConfig({
  ...commonSettings,
  ...librarySettings,
  settleMs: setting(
    'ALLIBRARY_SETTLE_MS',
    z.coerce.number('must be a number of milliseconds').int().min(0).max(600_000).default(2_000),
    'How long a file must keep still, in milliseconds, before it is shared.',
  ),
  rescanMinutes: setting(
    'ALLIBRARY_RESCAN_MINUTES',
    Minutes.default(180),
    'After how many minutes each collection is looked through again, for changes that nobody reported.',
  ),
  pollMinutes: setting(
    'ALLIBRARY_POLL_MINUTES',
    Minutes.default(5),
    'After how many minutes a collection is looked through again whose changes are not reported at all.',
  ),
});
export type WatcherConfig = ConfigOf<(typeof watcherConfig)['settings']>;
