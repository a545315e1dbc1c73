import { parseArgs } from 'node:util';
import damerauLevenshtein from 'damerau-levenshtein';

/** The options on a command line, and its problems, one line each. */
export interface Arguments {
  readonly given: Readonly<Record<string, string>>;
  readonly problems: string[];
}

const SEE_HELP = 'See npm start -- --help.';
/** Beyond this many typos a suggestion would be a guess. */
const MOST_TYPOS = 2;

/** Reads the options of a command line; each of them has a value. */
export function readArguments(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  names: readonly string[],
): Arguments {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const given: Record<string, string> = {};
  const taken = takenByNpm(environment, names);
  const problems = [...taken];
  for (const token of tokens) {
    // When npm takes an option as its own, it leaves the option's value behind.
    if (token.kind === 'positional' && taken.length === 0) problems.push(`${token.value} is no option. ${SEE_HELP}`);
    if (token.kind !== 'option') continue;
    if (!names.includes(token.name))
      problems.push(`${token.rawName} is no option. ${suggestion(token.name, names)}${SEE_HELP}`);
    else if (!token.value || (!token.inlineValue && token.value.startsWith('-')))
      problems.push(`${token.rawName} needs a value. ${SEE_HELP}`);
    else given[token.name] = token.value;
  }
  return { given, problems };
}

/** Without `--` before them, npm takes options as its own and passes them on only as variables. */
function takenByNpm(environment: NodeJS.ProcessEnv, names: readonly string[]): string[] {
  const taken = names.filter((name) => environment[`npm_config_${name.replaceAll('-', '_')}`] !== undefined);
  return taken.map((name) => `npm took --${name} for its own option. Did you forget --? npm start -- --${name} …`);
}

function suggestion(given: string, names: readonly string[]): string {
  const typos = (name: string): number => damerauLevenshtein(given, name).steps;
  const [closest = ''] = names.toSorted((one, other) => typos(one) - typos(other));
  return typos(closest) <= MOST_TYPOS ? `Did you mean --${closest}? ` : '';
}
