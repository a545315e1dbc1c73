import { describe, expect, it } from 'vitest';
import { rules } from './rules.ts';
import { findViolations } from './violations.ts';

const judge = (files: Record<string, string>): string[] =>
  findViolations(new Map(Object.entries(files)), rules).map(({ path, line, rule }) => `${path}:${line} ${rule}`);

/** One file that breaks each rule, and one beside it that keeps it. */
const planted: ReadonlyArray<readonly [rule: string, path: string, broken: string, kept: string]> = [
  ['contracts-stand-alone', 'libs/contracts/src/a.ts', `import 'node:crypto';`, `import { z } from 'zod';`],
  ['api-stands-on-contracts', 'libs/api/src/a.ts', `import '@nestjs/common';`, `import { z } from 'zod';`],
  ['core-is-pure', 'libs/core/src/bitfield.ts', `import 'node:fs/promises';`, `import 'node:crypto';`],
  ['core-is-pure', 'libs/core/src/bitfield.ts', `import 'multiformats/cid';`, `import '../src/manifest/cid.ts';`],
  ['manifest-is-pure', 'libs/core/src/manifest/cid.ts', `import 'node:fs';`, `import 'multiformats/cid';`],
  [
    'protocols-know-no-framework',
    'apps/p2p-node/src/protocols/search/a.ts',
    `import '@nestjs/common';`,
    `import '@libp2p/interface';`,
  ],
  [
    'protocols-know-no-framework',
    'apps/p2p-node/src/protocols/search/a.ts',
    `import '../../main.ts';`,
    `import '../../peers.ts';`,
  ],
  [
    'edges-translate',
    'apps/p2p-node/src/network.responder.ts',
    `import '@libp2p/peer-id';`,
    `import '@nestjs/common';`,
  ],
  ['edges-translate', 'apps/transfer/src/files.consumer.ts', `import 'mime';`, `import '@allibrary/messaging';`],
  ['edges-translate', 'apps/gateway/src/status/status.controller.ts', `import 'node:fs';`, `import 'express';`],
  ['no-app-imports-an-app', 'apps/gateway/src/a.ts', `import '../../indexer/src/b.ts';`, `import './b.ts';`],
  ['no-app-imports-an-app', 'apps/gateway/src/a.ts', `import '@allibrary/p2p-node';`, `import '@allibrary/platform';`],
  ['no-app-imports-an-app', 'libs/platform/src/a.ts', `import '@allibrary/gateway';`, `import './b.ts';`],
  ['no-deep-imports', 'apps/gateway/src/a.ts', `import '../../../libs/core/src/b.ts';`, `import '@allibrary/core';`],
  ['no-deep-imports', 'apps/gateway/src/a.spec.ts', `import '@allibrary/core/dist/b.js';`, `import 'zod/v4';`],
  ['no-deep-imports', 'test/a.e2e.spec.ts', `import '../libs/core/src/b.ts';`, `import '@allibrary/core';`],
  [
    'no-deep-imports',
    'apps/supervisor/src/a.ts',
    `import '@allibrary/platform/dist/a.js';`,
    `import '@allibrary/platform/files';`,
  ],
  [
    'tools-import-no-supervisor',
    'tools/a.ts',
    `import '../apps/supervisor/src/main.ts';`,
    `import '@allibrary/contracts';`,
  ],
  [
    'supervisor-imports-no-tool',
    'apps/supervisor/src/a.ts',
    `import '../../../tools/build.ts';`,
    `import './setup/build.ts';`,
  ],
  ['tests-stay-outside', 'apps/gateway/src/a.ts', `import '@allibrary/testing';`, `import '@allibrary/core';`],
  [
    'one-home-for-bitfield',
    'apps/transfer/src/fetching/piece-scheduler.ts',
    `import 'bitfield';`,
    `import './holdings.ts';`,
  ],
  ['one-home-for-ignore', 'apps/watcher/src/seeing/walk.ts', `import 'ignore';`, `import './ignore-patterns.ts';`],
  ['one-home-for-chokidar', 'apps/watcher/src/scan.ts', `import 'chokidar';`, `import './folder-watcher.ts';`],
  [
    'one-home-for-libp2p',
    'apps/transfer/src/a.ts',
    `import type { Stream } from '@libp2p/interface';`,
    `import 'node:net';`,
  ],
  ['one-home-for-nats-io', 'apps/transfer/src/a.ts', `import '@nats-io/jetstream';`, `import '@allibrary/messaging';`],
  ['one-home-for-node-sqlite', 'apps/indexer/src/a.ts', `import 'node:sqlite';`, `import '@allibrary/platform';`],
  ['one-home-for-prom-client', 'apps/indexer/src/a.ts', `import 'pino';`, `import '@allibrary/platform';`],
  ['one-home-for-unpdf', 'apps/indexer/src/a.ts', `import 'htmlparser2';`, `import './extraction/html.ts';`],
  [
    'one-home-for-meilisearch',
    'apps/indexer/src/indexing/document-indexing.ts',
    `import 'meilisearch';`,
    `import '../search/search-index.ts';`,
  ],
  [
    'one-home-for-hyzyla-pdfium',
    'apps/indexer/src/extraction/covers/cover.ts',
    `import '@hyzyla/pdfium';`,
    `import '../formats/pdfium.ts';`,
  ],
  ['one-home-for-tinypool', 'apps/indexer/src/a.ts', `import 'tinypool';`, `import './search-index.ts';`],
  ['one-home-for-mime', 'apps/watcher/src/a.ts', `import 'mime/lite';`, `import 'node:fs';`],
  ['no-computed-imports', 'libs/core/src/a.ts', `await import(name);`, 'await import(`node:path`);'],
];

describe('every rule bites', () => {
  it.each(planted)('%s: %s', (rule, path, broken, kept) => {
    expect(judge({ [path]: `// a line before\n${broken}` })).toContain(`${path}:2 ${rule}`);
    expect(judge({ [path]: kept })).toEqual([]);
  });

  it('leaves no rule of the table unplanted', () => {
    const proven = new Set([...planted.map(([rule]) => rule), 'pure-spec-means-pure']);
    expect(rules.map(({ name }) => name).filter((name) => !proven.has(name))).toEqual([]);
  });
});

describe('a pure spec', () => {
  const spec = { 'apps/transfer/src/fetching/plan.spec.ts': '' };

  it.each([
    `import '@nestjs/common';`,
    `import '@allibrary/messaging';`,
    `import 'node:fs/promises';`,
    `import 'libp2p';`,
  ])('is refused beside %s', (source) => {
    expect(judge({ ...spec, 'apps/transfer/src/fetching/plan.ts': source })).toContain(
      'apps/transfer/src/fetching/plan.ts:1 pure-spec-means-pure',
    );
  });

  it('is welcome beside a file without effects, and asks nothing of a file with an integration spec', () => {
    expect(judge({ ...spec, 'apps/transfer/src/fetching/plan.ts': `import '@allibrary/core';` })).toEqual([]);
    const integration = { 'apps/transfer/src/fetching/plan.integration.spec.ts': '' };
    expect(judge({ ...integration, 'apps/transfer/src/fetching/plan.ts': `import 'node:fs';` })).toEqual([]);
  });
});

describe('every form of import counts', () => {
  it.each([
    `import type { Watcher } from 'chokidar';`,
    `import { type Watcher } from 'chokidar';`,
    `export * from 'chokidar';`,
    `export { watch } from 'chokidar';`,
    `export type { Watcher } from 'chokidar';`,
    `type W = import('chokidar').Watcher;`,
    `const w = await import('chokidar');`,
    'const w = await import(`chokidar`);',
    `const w = require('chokidar');`,
    `import w = require('chokidar');`,
    `class A { constructor(@Inject() private readonly w: import('chokidar').Watcher) {} }`,
  ])('%s', (source) => {
    expect(judge({ 'apps/gateway/src/a.ts': source })).toEqual(['apps/gateway/src/a.ts:1 one-home-for-chokidar']);
  });

  it('but not what only looks like one', () => {
    expect(judge({ 'apps/gateway/src/a.ts': `// import 'chokidar'\nconst a = "import 'chokidar'";` })).toEqual([]);
  });

  it('and a file that does not parse is an error', () => {
    expect(() => judge({ 'apps/gateway/src/a.ts': 'import {' })).toThrow('apps/gateway/src/a.ts');
  });
});

describe('circles', () => {
  it('are found between files, whatever the kind of import', () => {
    const files = {
      'libs/core/src/a.ts': `import './b.ts';`,
      'libs/core/src/b.ts': `import type { C } from './c.ts';`,
      'libs/core/src/c.ts': `export * from './a.ts';`,
      'libs/core/src/d.ts': `import './a.ts';`,
    };
    expect(judge(files)).toEqual(['libs/core/src/a.ts:1 no-circles']);
  });

  it('are found between libs', () => {
    const files = {
      'libs/messaging/src/index.ts': `import '@allibrary/platform';`,
      'libs/platform/src/index.ts': `import './a.ts';`,
      'libs/platform/src/a.ts': `import '@allibrary/messaging';`,
    };
    expect(judge(files)).toEqual(['libs/messaging/src/index.ts:1 no-circles']);
  });

  it('are not seen where two ways lead to one file', () => {
    const files = {
      'libs/core/src/a.ts': `import './b.ts'; import './c.ts';`,
      'libs/core/src/b.ts': `import './d.ts';`,
      'libs/core/src/c.ts': `import './d.ts';`,
      'libs/core/src/d.ts': '',
    };
    expect(judge(files)).toEqual([]);
  });
});

it('lets specs and their fixtures use a library at its source', () => {
  expect(judge({ 'apps/transfer/src/testing/peers.ts': `import 'libp2p'; import '@allibrary/testing';` })).toEqual([]);
  expect(judge({ 'apps/transfer/src/a.integration.spec.ts': `import 'libp2p'; import 'vitest';` })).toEqual([]);
});
