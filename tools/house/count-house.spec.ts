import { expect, test } from 'vitest';
import { countHouse } from './count-house.ts';
import { OLD_WORDS, countOldWords, textOfPage } from './old-words.ts';

const count = (files: Record<string, string>) => countHouse(new Map(Object.entries(files)));

test('rooms, files in the root and arrows are counted for each app', () => {
  const { apps } = count({
    'apps/a/src/main.ts': `import './x/one.ts';`,
    'apps/a/src/x/one.ts': `import './two.ts'; import '../y/three.ts'; import type { T } from '../y/three.ts';`,
    'apps/a/src/x/two.ts': `import '../y/deep/four.ts'; import '../main.ts';`,
    'apps/a/src/y/three.ts': '',
    'apps/a/src/y/deep/four.ts': `import './five.ts'; const later = () => import('../../x/one.ts');`,
    'apps/a/src/testing/fixture.ts': `import '../x/one.ts';`,
    'apps/a/src/y/three.spec.ts': `import '../x/one.ts';`,
    'apps/b/src/main.ts': '',
  });
  expect([...apps]).toEqual([
    ['a', { rootFiles: 1, rooms: 2, arrows: 3 }],
    ['b', { rootFiles: 1, rooms: 0, arrows: 0 }],
  ]);
});

test('parameters are counted in functions, methods, constructors and factories', () => {
  const five = 'a, b, c, d, e';
  const { longParameterLists, factories } = count({
    'libs/core/src/a.ts': [
      `function fits(${five}) {}`,
      `function over(${five}, f) {}`,
      `class C { constructor(${five}, private f: number) {} #m(${five}, f = 1, ...g) {} }`,
      `const provider = { useFactory: (${five}, f) => 1 };`,
      `declare function declared(${five}, f): void;`,
    ].join('\n'),
  });
  expect(longParameterLists).toEqual([
    'libs/core/src/a.ts:2 over (6)',
    'libs/core/src/a.ts:3 constructor (6)',
    'libs/core/src/a.ts:3 #m (7)',
    'libs/core/src/a.ts:4 arrow function (6)',
  ]);
  expect(factories).toBe(1);
});

test('an option type is named so, or is what a constructor or a destructuring function takes', () => {
  const seven = 'a: 1; b: 2; c: 3; d: 4; e: 5; f(): void; g: 7';
  const { largeOptionTypes } = count({
    'apps/a/src/a.ts': [
      `interface FitsOptions { ${seven} }`,
      `interface OverParts { ${seven}; h?: 8 }`,
      `interface Inherited extends FitsOptions { h: 8; i: 9 }`,
      `class A { constructor(private readonly given: Inherited) {} }`,
      `type Taken = { ${seven}; h: 8 };`,
      `const taken = ({ a }: Taken) => a;`,
      `function inline({ a }: { ${seven}; h: 8 }) {}`,
      `interface Data { ${seven}; h: 8 }`,
      `const read = (data: Data) => data;`,
    ].join('\n'),
  });
  expect(largeOptionTypes).toEqual([
    'apps/a/src/a.ts:2 OverParts (8)',
    'apps/a/src/a.ts:3 Inherited (9)',
    'apps/a/src/a.ts:5 Taken (8)',
    'apps/a/src/a.ts:7 parameter of inline (8)',
  ]);
});

test('lengths are in lines, and cycles are found', () => {
  const { fileLengths, functionLengths, cycles } = count({
    'apps/a/src/a.ts': `import './b.ts';\nfunction f() {\n  return 1;\n}\n`,
    'apps/a/src/b.ts': `import './a.ts';`,
  });
  expect(fileLengths).toEqual({ count: 2, median: 1, p90: 4 });
  expect(functionLengths).toEqual({ count: 1, median: 3, p90: 3 });
  expect(cycles).toBe(1);
});

test('prose is what comments and strings hold, code is not', () => {
  const { prose, names } = count({
    'apps/a/src/a.ts': '// it tells\n/** Says so. */\nconst wishList = [`they said ${told}`, "tell", 3];',
  });
  const words = countOldWords(prose);
  expect([words.get('tell'), words.get('say'), words.get('wish')]).toEqual([2, 2, 0]);
  expect([countOldWords(names).get('wish'), countOldWords(names).get('tell')]).toEqual([1, 1]);
});

test('a page counts without its markup', () => {
  const page = '<style>.bell { }</style><p class="desk">The roll</p><script>pace()</script>';
  const words = countOldWords([textOfPage(page)]);
  expect([...words].filter(([, n]) => n > 0)).toEqual([['roll', 1]]);
  expect(words.size).toBe(OLD_WORDS.length);
});
