import { type ConfigOf, commonSettings, defineConfig, setting } from '@allibrary/platform';
import { z } from 'zod';

/** A week: timers can't wait for more than 24 days. */
const MOST_MINUTES = 10_080;

/** The settings of the watcher. */
export const watcherConfig = defineConfig({
  ...commonSettings,
  libraryDir: setting('ALLIBRARY_LIBRARY', z.string('must be set'), 'The folder of documents to share.'),
  settleMs: setting(
    'ALLIBRARY_SETTLE_MS',
    z.coerce.number('must be a number of milliseconds').int().min(0).max(600_000).default(2_000),
    'How long a file must keep still, in milliseconds, before it is shared.',
  ),
  rescanMinutes: setting(
    'ALLIBRARY_RESCAN_MINUTES',
    z.coerce.number('must be a number of minutes').positive('must be above 0').max(MOST_MINUTES).default(30),
    'After how many minutes the whole library is looked through again, for changes that nobody reported.',
  ),
});
export type WatcherConfig = ConfigOf<(typeof watcherConfig)['settings']>;
