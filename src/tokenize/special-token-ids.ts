import { ConfigError } from '../core/index.js';
import type { AddedToken } from './token-matcher.js';
import type { SpecialTokens } from './tokenizer.js';

type Role = keyof SpecialTokens;

/** How the families of models write these tokens. */
const NAMES: Readonly<Record<Role, readonly string[]>> = {
  pad: ['[PAD]', '<pad>', '<|padding|>'],
  unk: ['[UNK]', '<unk>'],
  cls: ['[CLS]', '<s>', '<cls>'],
  sep: ['[SEP]', '</s>', '<sep>', '<eos>'],
  mask: ['[MASK]', '<mask>'],
};

/** The ids of special tokens by what they are for, found by their names; `unkId` is the model's. */
export function specialTokenIds(added: readonly AddedToken[], unkId: number | undefined): SpecialTokens {
  const ids = new Map(added.filter(({ isSpecial }) => isSpecial).map(({ content, id }) => [content, id]));
  const idOf = (role: Role): number => {
    const name = NAMES[role].find((name) => ids.has(name));
    const id = name === undefined ? undefined : ids.get(name);
    if (id !== undefined) return id;
    throw new ConfigError(`tokenizer: expected a special token ${NAMES[role].join(' or ')}, found none`);
  };
  return {
    get pad() {
      return idOf('pad');
    },
    get unk() {
      return unkId ?? idOf('unk');
    },
    get cls() {
      return idOf('cls');
    },
    get sep() {
      return idOf('sep');
    },
    get mask() {
      return idOf('mask');
    },
  };
}
