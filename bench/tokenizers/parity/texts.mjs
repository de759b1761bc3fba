// Generated Unicode for the parity run: what normalisation and word splitting change, in any order.

const SPECIALS = [
  '[MASK]',
  '[SEP]',
  '[CLS]',
  '<mask>',
  '</s>',
  '<s>',
  '<|endoftext|>',
  '<extra_id_0>',
  '[mask]',
  '[X]',
  'added',
  'Éa',
];
const JOINED = ['👩‍👩‍👧‍👦', '🏳️‍🌈', '🇫🇷🇩🇪', '👍🏽', '❤️', '1️⃣', '🧑🏿‍🚀', '\u200d', '\ufe0f'];
const MARKED = [
  'e\u0301',
  'e\u0323\u0301',
  'a\u0308\u0304',
  'é̩',
  'ﬁ',
  'ſ',
  'İ',
  'Ⅷ',
  '①',
  '½',
  '각',
  'ᄀ\u1161\u11a8',
  'क्षि',
  'กำ',
  'ΌΣΟΣ',
  'ß',
  'Å',
  '\u212b',
  '㍿',
  'ｶﾞ',
  'ｱ',
  '\u0344',
  '\u1e9b\u0323',
  '\u0f73',
  '\u302e',
  '\u3099',
];
const CONTROLS = [
  '\0',
  '\r\n',
  '\r',
  '\n',
  '\t',
  '\v',
  '\f',
  '\x1b',
  '\x7f',
  '\x85',
  '\u200b',
  '\u200e',
  '\u2028',
  '\u2060',
  '\ufeff',
  '\ufffd',
  '\u00ad',
  '\u061c',
  '\u180e',
];
const SPACES = [' ', '  ', '   ', '\u00a0', '\u2009', '\u3000', '\u1680', '▁', 'Ġ'];
const WORDS = [
  'the',
  'The',
  "don't",
  "I'LL",
  'state',
  'union',
  'America',
  "they've",
  '1234',
  '3.14',
  'fooBar',
  'snake_case',
  'HTTPServer2',
  'x²',
  'naïve',
  '中文',
  '日本語テキスト',
  'コンピューター',
  'Здравствуй',
  'ἐν',
  'ἀρχῇ',
  'שלום',
  'مرحبا',
  'नमस्ते',
  'ไทย',
  '한국어',
  'MKTAYIAKQR',
  '<0x41>',
  'a-b',
  '--',
  '...',
  '!?',
  '$9.99',
  '#tag',
  '@me',
];

/** `count` texts; `random` is a RandomStream of the library. */
export function generatedTexts(random, count) {
  const pick = (list) => list[random.nextInt(list.length)];
  const anyCharacter = () => {
    const ranges = [
      [0, 0x250],
      [0x250, 0x3000],
      [0x3000, 0xd800],
      [0xe000, 0x10000],
      [0x10000, 0x20000],
      [0x20000, 0x110000],
      [0x300, 0x370],
      [0x1e00, 0x2200],
      [0xac00, 0xd7b0],
      [0x900, 0xe00],
    ];
    const [first, end] = pick(ranges);
    return String.fromCodePoint(first + random.nextInt(end - first));
  };
  const kinds = [
    () => pick(WORDS),
    () => pick(WORDS),
    () => pick(SPACES),
    () => ' ',
    () => pick(MARKED),
    () => pick(JOINED),
    () => pick(CONTROLS),
    () => pick(SPECIALS),
    anyCharacter,
    anyCharacter,
    () => pick(MARKED).normalize(pick(['NFC', 'NFD'])),
  ];
  return Array.from({ length: count }, () => {
    const length = 1 + random.nextInt(random.nextInt(8) === 0 ? 40 : 12);
    return Array.from({ length }, () => pick(kinds)()).join('');
  });
}
