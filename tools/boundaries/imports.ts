import { type ESTree, parseSync, Visitor } from 'rolldown/utils';

/** One import of a source file; the specifier is undefined when the code computes it. */
export interface ImportSite {
  readonly specifier: string | undefined;
  readonly line: number;
}

/** Reads every import of a TypeScript source: static, type-only, re-export, dynamic, `import('x').T` and `require`. */
export function readImports(path: string, source: string): ImportSite[] {
  const { program, errors } = parseSync(path, source);
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`);
  const sites: ImportSite[] = [];
  const add = (node: ESTree.Span, specifier: string | undefined): void => {
    sites.push({ specifier, line: lineAt(source, node.start) });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node, node.source.value),
    ExportAllDeclaration: (node) => add(node, node.source.value),
    ExportNamedDeclaration: (node) => node.source !== null && add(node, node.source.value),
    ImportExpression: (node) => add(node, literalText(node.source)),
    TSImportType: (node) => add(node, node.source.value),
    TSExternalModuleReference: (node) => add(node, node.expression.value),
    CallExpression: (node) => isRequire(node) && add(node, literalText(node.arguments[0])),
  }).visit(program);
  return sites;
}

const lineAt = (source: string, offset: number): number => source.slice(0, offset).split('\n').length;

const isRequire = ({ callee }: ESTree.CallExpression): boolean =>
  callee.type === 'Identifier' && callee.name === 'require';

function literalText(node: ESTree.Argument | undefined): string | undefined {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0)
    return node.quasis[0]?.value.cooked ?? undefined;
  return undefined;
}
