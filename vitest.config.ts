import { defineConfig } from 'vitest/config';

/** Three kinds of tests, told apart by their file names; `npm run check` runs the first, `npm test` all of them. */
export default defineConfig({
  test: {
    pool: 'forks',
    globals: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['{apps,libs,tools,bench}/**/*.spec.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.integration.spec.ts'],
          testTimeout: 5_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['{apps,libs,tools,bench}/**/*.integration.spec.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.spec.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
