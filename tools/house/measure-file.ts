import { type ESTree, parseSync, Visitor } from 'rolldown/utils';

/** One function, method or constructor with a body. */
export interface MeasuredFunction {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  readonly parameters: number;
}

/** An interface or a type literal with the number of its own fields. */
export interface FieldType {
  readonly name: string;
  readonly line: number;
  readonly fields: number;
  /** Names of the interfaces that it extends. */
  readonly parents: readonly string[];
}

/** What one source file contributes to the counts. */
export interface FileMeasures {
  readonly lines: number;
  readonly functions: readonly MeasuredFunction[];
  readonly fieldTypes: readonly FieldType[];
  /** Names of the types of sole parameters: of every constructor, and of functions that take the value apart. */
  readonly bagNames: ReadonlySet<string>;
  readonly factories: number;
  /** Comments and string literals, template texts included. */
  readonly prose: readonly string[];
  /** Every identifier of the file once, with spaces between its words. */
  readonly names: readonly string[];
}

/** Measures one TypeScript source. */
export function measureFile(path: string, source: string): FileMeasures {
  const { program, comments, errors } = parseSync(path, source);
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`${path}: ${error.message}`);
  const starts = lineStarts(source);
  const lineOf = (offset: number): number => lineAt(starts, offset);
  const functions: MeasuredFunction[] = [];
  const fieldTypes: FieldType[] = [];
  const bagNames = new Set<string>();
  const prose = comments.map(({ value }) => value);
  const names = new Set<string>();
  let factories = 0;

  const addFunction = (name: string, node: FunctionNode, isConstructor = false): void => {
    const line = lineOf(node.start);
    functions.push({ name, line, lines: lineOf(node.end) - line + 1, parameters: node.params.length });
    const bag = node.params.length === 1 ? bagType(node.params[0], isConstructor) : undefined;
    if (bag?.type === 'TSTypeReference' && bag.typeName.type === 'Identifier') bagNames.add(bag.typeName.name);
    if (bag?.type === 'TSTypeLiteral') addLiteral(`parameter of ${name}`, bag, true);
  };
  const addLiteral = (name: string, node: ESTree.TSTypeLiteral, isBag = false): void => {
    fieldTypes.push({ name, line: lineOf(node.start), fields: fieldsIn(node.members), parents: [] });
    if (isBag) bagNames.add(name);
  };
  const methods = new Map<ESTree.Span, { name: string; isConstructor: boolean }>();
  new Visitor({
    MethodDefinition: (node) => {
      methods.set(node.value, { name: keyText(node.key), isConstructor: node.kind === 'constructor' });
    },
    FunctionDeclaration: (node) => node.body !== null && addFunction(node.id?.name ?? 'default', node),
    FunctionExpression: (node) => {
      const method = methods.get(node);
      if (node.body !== null) addFunction(method?.name ?? 'function', node, method?.isConstructor);
    },
    ArrowFunctionExpression: (node) => addFunction('arrow function', node),
    TSInterfaceDeclaration: (node) => {
      const parents = node.extends.map(({ expression }) => source.slice(expression.start, expression.end));
      fieldTypes.push({
        ...{ name: node.id.name, line: lineOf(node.start), fields: fieldsIn(node.body.body), parents },
      });
    },
    TSTypeAliasDeclaration: (node) => {
      if (node.typeAnnotation.type === 'TSTypeLiteral') addLiteral(node.id.name, node.typeAnnotation);
    },
    Property: (node) => {
      if (keyText(node.key) === 'useFactory') factories += 1;
    },
    Identifier: (node) => {
      names.add(node.name);
    },
    PrivateIdentifier: (node) => {
      names.add(node.name);
    },
    Literal: (node) => {
      if (typeof node.value === 'string') prose.push(node.value);
    },
    TemplateElement: (node) => {
      prose.push(node.value.cooked ?? '');
    },
  }).visit(program);
  return {
    lines: countLines(source),
    functions,
    fieldTypes,
    bagNames,
    factories,
    prose,
    names: [...names].map(wordsIn),
  };
}

type FunctionNode = ESTree.Function | ESTree.ArrowFunctionExpression;
type Parameter = FunctionNode['params'][number];

/** The type of a sole parameter, where it is a bag: passed to a constructor, or taken apart at once. */
function bagType(parameter: Parameter | undefined, isConstructor: boolean): ESTree.TSType | undefined {
  if (parameter?.type === 'TSParameterProperty') return bagType(parameter.parameter as Parameter, isConstructor);
  if (parameter?.type === 'AssignmentPattern') return bagType(parameter.left as Parameter, isConstructor);
  if (parameter?.type === 'ObjectPattern') return parameter.typeAnnotation?.typeAnnotation;
  return isConstructor && parameter?.type === 'Identifier' ? parameter.typeAnnotation?.typeAnnotation : undefined;
}

const fieldsIn = (members: readonly { readonly type: string }[]): number =>
  members.filter(({ type }) => type === 'TSPropertySignature' || type === 'TSMethodSignature').length;

function keyText(key: ESTree.PropertyKey): string {
  if (key.type === 'Identifier') return key.name;
  if (key.type === 'PrivateIdentifier') return `#${key.name}`;
  return key.type === 'Literal' ? String(key.value) : 'computed';
}

/** `PeerAnswer` holds the words `Peer Answer`. */
const wordsIn = (identifier: string): string => identifier.replaceAll(/([a-z0-9])([A-Z])|_/g, '$1 $2');

const countLines = (source: string): number => source.split('\n').length - Number(source.endsWith('\n'));

const lineStarts = (source: string): number[] => [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];

/** Line of an offset, counted from 1, by binary search: functions nest, and their number times the length is much. */
function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
