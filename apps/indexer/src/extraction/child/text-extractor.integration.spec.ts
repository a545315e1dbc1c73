// Real: child processes, files that the tests write. The children that misbehave are modules of the test's own.
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { OpenedFile } from '@allibrary/library';
import { type TempFolder, eventually, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_METADATA } from '../description/metadata.ts';
import type { TextFormat } from '../text-format.ts';
import { TEST_COLLECTION, testCollections } from '../../testing/test-collections.ts';
import { MEDIA_TYPES } from '../../testing/test-extractor.ts';
import type { Extraction } from '../extraction.ts';
import { ExtractorClosed, TextExtractor, type TextExtractorOptions, type TextFile } from './text-extractor.ts';

const DESCRIBED = {
  mediaType: 'text/plain',
  metadata: NO_METADATA,
  origins: {},
  sidecarProblem: null,
  picturePages: [],
};

let folder: TempFolder;
let extractor: TextExtractor;
let opened: OpenedFile[];

beforeEach(async () => {
  folder = await tempFolder();
  await mkdir(join(folder.path, 'library'));
  opened = [];
});
afterEach(async () => {
  await extractor.close();
  await Promise.all(opened.map(({ handle }) => handle.close()));
  expect(extractionProcessesOf(process.pid)).toEqual([]);
  await folder.remove();
});

const inLibrary = (name: string): string => join(folder.path, 'library', name);

function open(options: Partial<TextExtractorOptions> = {}): TextExtractor {
  const limits = {
    memoryMiB: 256,
    timeLimitMs: 20_000,
    maxCharacters: 20_000_000,
    idleMs: 60_000,
    children: 1,
    ocr: null,
    pdfToText: null,
  };
  extractor = new TextExtractor({ ...limits, ...options });
  return extractor;
}

async function write(name: string, bytes: string | Buffer, format: TextFormat = 'plain'): Promise<TextFile> {
  await writeFile(inLibrary(name), bytes);
  return { file: await openInLibrary(name), mediaType: MEDIA_TYPES[format], sidecar: null };
}

async function openInLibrary(name: string): Promise<OpenedFile> {
  const file = await testCollections(inLibrary('')).openFile({ collection: TEST_COLLECTION, path: name });
  opened.push(file);
  return file;
}

const problemOf = (extraction: Extraction): string | null =>
  extraction.kind === 'problem' ? extraction.problem : null;

/** A process as the kernel sees it; null when it has ended. */
function processOf(pid: string): { parent: string; cpuTicks: number; command: string } | null {
  try {
    const [state, parent, ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return state === 'Z' || !parent ? null : { parent, cpuTicks: Number(fields[9]), command };
  } catch {
    return null;
  }
}

/** The ids of the extraction processes that a process has now. */
const extractionProcessesOf = (parent: number | undefined): string[] =>
  readdirSync('/proc').filter((pid) => {
    const found = /^\d+$/.test(pid) ? processOf(pid) : null;
    return found?.parent === String(parent) && found.command.includes('--permission');
  });

describe('a text file', () => {
  const utf16be = Buffer.from('\uFEFFvolavka stříbřitá', 'utf16le').swap16();
  test.each<[string, string | Buffer, string, number]>([
    ['in UTF-8', 'volavka stříbřitá 🐦', 'volavka stříbřitá 🐦', 2],
    ['in UTF-8 with its mark', '\uFEFFvolavka', 'volavka', 1],
    ['in UTF-16, little end first', Buffer.from('\uFEFFvolavka stříbřitá', 'utf16le'), 'volavka stříbřitá', 2],
    ['in UTF-16, big end first', utf16be, 'volavka stříbřitá', 2],
    ['in Windows-1252', Buffer.from('h\xe9ron \x96 \x80', 'latin1'), 'héron – €', 1],
    ['that is empty', '', '', 0],
    ['with control characters', 'grey\fheron so\u00ADft', 'grey heron soft', 3],
  ])('%s is read', async (_case, bytes, text, words) => {
    expect(await open().extract(await write('a.txt', bytes))).toEqual({
      kind: 'text',
      text,
      divisions: [],
      ...DESCRIBED,
      words,
      truncated: false,
    });
  });

  test('of 30 MB is read up to the limit', async () => {
    const file = await write('big.txt', `first ${'kormorán '.repeat(3_000_000)}`);
    const extraction = await open().extract(file);
    expect(extraction).toMatchObject({ kind: 'text', truncated: true, words: expect.any(Number) });
    expect(extraction.kind === 'text' && extraction.text.length).toBe(20_000_000);
  });

  test.each([
    [9, 'nine char', true],
    [10, 'nine chars', false],
    [11, 'nine chars', false],
  ])('of ten characters has at most %i', async (maxCharacters, text, truncated) => {
    expect(await open({ maxCharacters }).extract(await write('a.txt', 'nine chars'))).toMatchObject({
      text,
      truncated,
    });
  });

  test('that is binary is a problem', async () => {
    const found = await open().extract(await write('a.txt', randomBytes(5_000)));
    expect(problemOf(found)).toBe('it is binary data, not text');
  });
});

describe('markup', () => {
  test('an HTML page is read in the encoding that it declares', async () => {
    const page = Buffer.from('<meta charset="iso-8859-2"><title>Ptáci</title><p>r\xf9\xbeov\xfd</p>', 'latin1');
    expect(await open().extract(await write('a.html', page, 'html'))).toMatchObject({
      text: expect.stringContaining('růžový'),
    });
  });

  test('a Markdown file is read without its markup', async () => {
    const file = await write('a.md', '# Grey *heron*\n[more](https://a.example)', 'markdown');
    expect(await open().extract(file)).toMatchObject({ text: 'Grey heron more', words: 3 });
  });
});

describe('a file that is not as it was found', () => {
  test.each([
    ['longer', () => appendFile(inLibrary('a.txt'), ' and egret')],
    ['shorter', () => writeFile(inLibrary('a.txt'), 'her')],
    ['another of the same size', () => writeFile(inLibrary('a.txt'), 'egret')],
  ])('is reported as changed: it became %s', async (_case, change) => {
    const file = await write('a.txt', 'heron');
    await change();
    expect(await open().extract(file)).toEqual({ kind: 'changed' });
    expect(await extractor.extract(await write('b.txt', 'heron'))).toMatchObject({ text: 'heron' });
  });
});

/** What a child of the test's own does, by the subtype of the media type that it is asked for. */
const UNRULY = `
  import { execFileSync } from 'node:child_process';
  import { readFileSync, writeFileSync, writeSync } from 'node:fs';
  import { connect } from 'node:net';
  process.on('disconnect', () => process.exit());
  const described = ${JSON.stringify(DESCRIBED)};
  const usage = { residentBytes: 1, cpuMs: 1, isWornOut: false };
  const say = (text) => { process.send({ kind: 'piece', text }); process.send({ kind: 'end', divisions: [], ...described, words: 1, truncated: false, usage }); };
  const attempt = (work) => { try { work(); return 'allowed'; } catch (error) { return error.code; } };
  const deeds = {
    pid: () => say(String(process.pid)),
    environment: () => say(Object.keys(process.env).join()),
    rights: () => say([
      attempt(() => readFileSync('/etc/hostname')),
      attempt(() => readFileSync(${JSON.stringify('LIBRARY_FILE')})),
      attempt(() => writeFileSync(new URL('written', import.meta.url), '')),
      attempt(() => execFileSync('/bin/true')),
      attempt(() => new Function('return 1')()),
    ].join()),
    connects: () => {
      const port = readFileSync(new URL('port', import.meta.url), 'utf8');
      connect(Number(port), '127.0.0.1').on('connect', () => say('connected')).on('error', ({ code }) => say(code));
    },
    delays: () => { setTimeout(() => say('late'), 500); },
    spoils: () => { say('spoilt'); setTimeout(() => process.exit(3), 50); },
    hangs: () => { for (;;); },
    silent: () => {},
    exits: () => process.exit(3),
    aborts: () => process.abort(),
    heap: () => { const hoard = []; for (;;) hoard.push(new Array(100_000).fill(Math.random())); },
    buffers: () => { const hoard = []; for (;;) hoard.push(new Uint8Array(16 << 20).fill(1)); },
    lies: () => process.send({ kind: 'end', divisions: [], ...described, words: -1 }),
    floods: () => { for (let n = 0; n < 4; n++) process.send({ kind: 'piece', text: 'x'.repeat(400) }); },
    trickles: () => { for (let n = 0; n < 2_000; n++) process.send({ kind: 'piece', text: '' }); },
    reaches: () => writeSync(4, Buffer.alloc(16, 1)),
    swollen: () => { process.send({ kind: 'problem', problem: String(process.pid), problemCode: 'unreadable', ...described, usage: { ...usage, residentBytes: 1e12 } }); },
    worn: () => { process.send({ kind: 'problem', problem: String(process.pid), problemCode: 'unreadable', ...described, usage: { ...usage, isWornOut: true } }); },
  };
  process.on('message', ({ mediaType }) => deeds[mediaType.split('/')[1]]());
`;

describe('a child', () => {
  let one: OpenedFile;
  const file = (deed: string): TextFile => ({ file: one, mediaType: `test/${deed}`, sidecar: null });
  const textOf = async (path: string): Promise<string> => {
    const extraction = await extractor.extract(file(path));
    return extraction.kind === 'text' ? extraction.text : JSON.stringify(extraction);
  };

  beforeEach(async () => {
    const childModule = join(folder.path, 'child/unruly.mjs');
    await mkdir(join(folder.path, 'child'));
    await writeFile(childModule, UNRULY.replace('LIBRARY_FILE', inLibrary('one.txt')));
    await writeFile(inLibrary('one.txt'), '1');
    one = await openInLibrary('one.txt');
    open({ childModule, timeLimitMs: 3_000, maxCharacters: 1_000 });
  });

  test('is kept from document to document', async () => {
    expect(await textOf('pid')).toBe(await textOf('pid'));
    expect(extractor.processes).toBe(1);
  });

  test('has no environment, and no right to open files of the library or others', async () => {
    expect(await textOf('environment')).not.toMatch(/PATH|HOME|ALLIBRARY/);
    const denied = 'ERR_ACCESS_DENIED';
    expect(await textOf('rights')).toBe(`${denied},${denied},${denied},${denied},`);
  });

  const canGiveUpNetwork = ['-n', '-rn'].some((mode) => spawnSync('unshare', [mode, 'true']).status === 0);
  test.runIf(canGiveUpNetwork)('has no network', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    await writeFile(join(folder.path, 'child/port'), String((server.address() as AddressInfo).port));
    expect(await textOf('connects')).toBe('ENETUNREACH');
    server.close();
  });

  test.each([
    ['hangs', 'its text could not be extracted within 3 s'],
    ['silent', 'its text could not be extracted within 3 s'],
    ['exits', 'the process that extracted its text crashed (exit code 3)'],
    ['aborts', 'the process that extracted its text crashed (SIGABRT)'],
    ['heap', 'extracting its text needs more than 256 MiB of memory'],
    ['buffers', 'extracting its text needs more than 256 MiB of memory'],
    ['lies', 'the process that extracted its text answered nonsense and was ended'],
    ['floods', 'the process that extracted its text answered nonsense and was ended'],
    ['trickles', 'the process that extracted its text answered nonsense and was ended'],
    ['reaches', 'the process that extracted its text answered nonsense and was ended'],
  ])('that %s is replaced, and only its document has a problem', async (deed, problem) => {
    const [bad, next] = await Promise.all([extractor.extract(file(deed)), extractor.extract(file('pid'))]);
    expect(bad).toEqual({ kind: 'problem', problem, problemCode: 'unreadable' });
    expect(next).toMatchObject({ kind: 'text' });
  });

  test('that an earlier document has spoilt costs no later one', async () => {
    expect(await textOf('spoils')).toBe('spoilt');
    expect(await textOf('delays')).toBe('late');
  });

  test('that somebody else kills is replaced, and its document is read again', async () => {
    const before = await textOf('pid');
    const reading = extractor.extract(file('silent'));
    process.kill(Number(before), 'SIGKILL');
    expect(problemOf(await reading)).toMatch(/within 3 s/);
    const idle = await textOf('pid');
    process.kill(Number(idle), 'SIGKILL');
    expect(Number(await textOf('pid'))).toBeGreaterThan(0);
  });

  test.each(['swollen', 'worn'])('that is %s is replaced before the next document', async (deed) => {
    const pid = problemOf(await extractor.extract(file(deed)));
    expect(pid).toMatch(/^\d+$/);
    expect(await textOf('pid')).not.toBe(pid);
  });

  test('that has read two hundred documents is replaced', async () => {
    const pids = new Set<string>();
    for (let n = 0; n < 201; n++) pids.add(await textOf('pid'));
    expect(pids.size).toBe(2);
  });

  test('that is idle is ended, and another one started when it is needed', async () => {
    await extractor.close();
    open({ childModule: join(folder.path, 'child/unruly.mjs'), idleMs: 50 });
    const first = await textOf('pid');
    await eventually(() => extractionProcessesOf(process.pid).length === 0);
    expect(await textOf('pid')).not.toBe(first);
  });

  test('works beside the others, if there are more', async () => {
    await extractor.close();
    open({ childModule: join(folder.path, 'child/unruly.mjs'), children: 2 });
    const pids = await Promise.all(Array.from({ length: 6 }, () => textOf('pid')));
    expect(new Set(pids).size).toBe(2);
  });

  test.each([
    ['silent', 0],
    ['hangs', 40],
  ])('that %s ends when its parent is killed', async (deed, cpuTicks) => {
    const limits = { memoryMiB: 256, timeLimitMs: 2_500, maxCharacters: 1, idleMs: 1, children: 1 };
    const options = { ...limits, childModule: join(folder.path, 'child/unruly.mjs') };
    const script = `
      import { open } from 'node:fs/promises';
      import { TextExtractor } from ${JSON.stringify(join(import.meta.dirname, 'text-extractor.ts'))};
      const handle = await open(${JSON.stringify(inLibrary('one.txt'))});
      const extractor = new TextExtractor(${JSON.stringify(options)});
      const file = { handle, stats: await handle.stat() };
      await extractor.extract({ file, mediaType: ${JSON.stringify(`test/${deed}`)}, sidecar: null });
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: 'ignore' });
    const child = await eventually(() => extractionProcessesOf(parent.pid)[0]);
    await eventually(() => (processOf(child)?.cpuTicks ?? 0) >= cpuTicks);
    parent.kill('SIGKILL');
    await eventually(() => processOf(child) === null, { timeoutMs: 40_000 }); // by its limit of processor time
    expect(processOf(child)).toBeNull();
  });

  test('is ended when the extractor is closed, and its document and those that wait are not lost', async () => {
    const reading = [extractor.extract(file('hangs')), extractor.extract(file('pid'))];
    const outcomes = Promise.allSettled(reading);
    await eventually(() => extractor.processes === 1);
    await extractor.close();
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: expect.any(ExtractorClosed) });
    await expect(extractor.extract(file('pid'))).rejects.toThrow(ExtractorClosed);
  });
});
