/**
 * The entry `@allibrary/platform/files`: what programs need that run from source, before anything is built, and that
 * must not load Nest. The services use the main entry.
 */
export { replaceFile, syncFolder } from './durable-file.ts';
export { makeFolder } from './make-folder.ts';
export { dropLock, takeLock, withLock } from './process-lock.mjs';
export { collectWhenQuiet } from './quiet-collection.ts';
export { becomeService, serviceProcess } from './service-process.ts';
export { shownUrls } from './shown-urls.ts';
