import { defineConfig } from 'vitest/config';

/** Tests of these kinds start nats-server. */
const NATS_SERVER = './test/support/nats-server.setup.ts';

/**
 * Kinds of tests, told apart by their file names: `npm run check` runs the first, `npm test` the first three,
 * `npm run test:root` the fourth, which makes mounts and network namespaces, `npm run test:compose` the last, which runs an
 * engine of Docker.
 */
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
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.integration.spec.ts', '**/*.root.spec.ts'],
          testTimeout: 5_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          maxWorkers: 2, // most wait for clocks and processes; Vitest would leave one of two cores idle
          globalSetup: NATS_SERVER,
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
          globalSetup: NATS_SERVER,
          include: ['test/**/*.e2e.spec.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'compose',
          globalSetup: NATS_SERVER,
          include: ['test/compose/*.docker.spec.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          maxWorkers: 1,
        },
      },
      {
        extends: true,
        test: {
          name: 'root',
          globalSetup: NATS_SERVER,
          include: ['{test,apps}/**/*.root.spec.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
