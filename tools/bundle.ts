/**
 * `node ../../tools/bundle.ts PROGRAM [THREAD...]`, in the folder of an app: puts each of the files and all modules that it
 * loads into one file in dist. Code in 1,500 modules takes 10 to 20 MiB more in each process than the same code in one.
 */
import { dirname, relative, resolve } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

/** Nest and others import optional packages inside try: they are not installed, and stay imports. */
const EXPECTED = new Set(['UNRESOLVED_IMPORT', 'CIRCULAR_DEPENDENCY']);

/** Lets a module find its neighbours, such as the file of a thread, from the file that it is moved into. */
function keepPlaces(output: string): Plugin {
  return {
    name: 'keep-places',
    transform(code, id) {
      if (!code.includes('import.meta.')) return null;
      const url = `new URL(${JSON.stringify(relative(dirname(output), id))}, import.meta.url)`;
      const path = `process.getBuiltinModule('node:url').fileURLToPath(${url})`;
      const places: Record<string, string> = {
        url: `${url}.href`,
        filename: path,
        dirname: `process.getBuiltinModule('node:path').dirname(${path})`,
      };
      return code.replaceAll(/\bimport\.meta\.(url|filename|dirname)\b/g, (_, place: string) => places[place] ?? '');
    },
  };
}

/** One character beyond Latin 1 doubles the memory of the whole source. */
const asciiOnly: Plugin = {
  name: 'ascii-only',
  renderChunk: (code) =>
    code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
};

// A table of 1 MB: as a package of its own it is read as JSON, whose text is not kept.
const TABLES = ['mime-db'];
/** A thread uses parts of libs whose other parts load Nest. */
const NEST = /^@nestjs\//;

async function bundle(entry: string, external: (string | RegExp)[]): Promise<void> {
  const output = entry.replace(/\/src\/(.*)\.ts$/, '/dist/$1.js');
  const build = await rolldown({
    input: entry,
    external,
    platform: 'node',
    plugins: [keepPlaces(output), asciiOnly],
    onLog: (level, log, print) => {
      if (!EXPECTED.has(log.code ?? '')) print(level, log);
    },
  });
  await build.write({ file: output, format: 'esm', codeSplitting: false });
}

const [program = '', ...threads] = process.argv.slice(2).map((path) => resolve(path));
await bundle(program, TABLES);
for (const thread of threads) await bundle(thread, [...TABLES, NEST]);
