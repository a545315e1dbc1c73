import { type Token, type Tokens, marked } from 'marked';
import type { Guide } from './guide.ts';

/** A block of a guide without markup. */
export interface Block {
  readonly kind: 'title' | 'heading' | 'paragraph' | 'item' | 'code';
  readonly text: string;
}

/** The blocks of a guide in their order; throws for one that could only be left out, such as a table. */
export const blocksOf = ({ markdown }: Guide): Block[] => marked.lexer(markdown).flatMap(blocksOfToken);

/** A guide as plain text. */
export const toText = (guide: Guide): string =>
  `${blocksOf(guide)
    .map(({ text }) => text)
    .join('\n\n')}\n`;

function blocksOfToken(token: Token): Block[] {
  switch (token.type) {
    case 'space':
      return [];
    case 'heading':
      return [{ kind: token['depth'] === 1 ? 'title' : 'heading', text: plain(token) }];
    case 'paragraph':
      return [{ kind: 'paragraph', text: plain(token) }];
    case 'code':
      return [{ kind: 'code', text: (token as Tokens.Code).text }];
    case 'list':
      return itemsOf(token as Tokens.List);
    default:
      throw new Error(`A guide can't be made from Markdown with a ${token.type}: ${JSON.stringify(token.raw)}`);
  }
}

const itemsOf = ({ items, ordered, start }: Tokens.List): Block[] =>
  items.map((item, index) => ({ kind: 'item', text: `${ordered ? `${Number(start) + index}.` : '•'} ${plain(item)}` }));

/** Text of a token on one line, without markup. */
function plain(token: Token): string {
  const inner = 'tokens' in token ? token.tokens : undefined;
  const text = inner ? inner.map(plain).join('') : 'text' in token ? String(token['text']) : '';
  return text.replaceAll(/\s+/g, ' ');
}
