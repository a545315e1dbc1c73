/**
 * `node ../../tools/bundle.ts PROGRAM [THREAD...]`, in the folder of an app: puts each of the files and all modules that it
 * loads into one file in dist. Code in 1,500 modules takes 10 to 20 MiB more in each process than the same code in one.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

/** Nest and others import optional packages inside `try`: those are not installed and remain imports. */
const EXPECTED = new Set(['UNRESOLVED_IMPORT', 'CIRCULAR_DEPENDENCY']);

/** Makes `import.meta` of a module point to its original place, where its neighbours are, such as the file of a thread. */
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

/**
 * Source in ASCII: one character beyond Latin 1 doubles the memory of the whole text. A needless backslash before such a
 * character is dropped, because it would escape the backslash of the replacement. Raw template strings would change.
 */
const ascii = (code: string): string =>
  code.replaceAll(/\\[\0-\x7f]|\\?[^\0-\x7f]/g, (token) => {
    const unit = token.charCodeAt(token.length - 1);
    return unit < 128 ? token : `\\u${unit.toString(16).padStart(4, '0')}`;
  });

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
    plugins: [keepPlaces(output)],
    onLog: (level, log, print) => {
      if (!EXPECTED.has(log.code ?? '')) print(level, log);
    },
  });
  const {
    output: [{ code }],
  } = await build.generate({ format: 'esm', codeSplitting: false, comments: false });
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, ascii(code));
}

const [program = '', ...threads] = process.argv.slice(2).map((path) => resolve(path));
await bundle(program, TABLES);
for (const thread of threads) await bundle(thread, [...TABLES, NEST]);
