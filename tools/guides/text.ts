import { type Token, marked } from 'marked';
import type { Guide } from './guide.ts';

/** A block of a guide without markup. */
export interface Block {
  readonly kind: 'title' | 'heading' | 'paragraph';
  readonly text: string;
}

/** The blocks of a guide in their order. */
export const blocksOf = ({ markdown }: Guide): Block[] => marked.lexer(markdown).flatMap(blockOf);

function blockOf(token: Token): Block[] {
  if (token.type === 'heading') return [{ kind: token['depth'] === 1 ? 'title' : 'heading', text: plain(token) }];
  return token.type === 'paragraph' ? [{ kind: 'paragraph', text: plain(token) }] : [];
}

/** What a token says, its own marks left out. */
function plain(token: Token): string {
  const inner = 'tokens' in token ? token.tokens : undefined;
  const text = inner ? inner.map(plain).join('') : 'text' in token ? String(token['text']) : '';
  return text.replaceAll(/\s+/g, ' ');
}

/** A guide as plain text. */
export const toText = (guide: Guide): string =>
  `${blocksOf(guide)
    .map(({ text }) => text)
    .join('\n\n')}\n`;
