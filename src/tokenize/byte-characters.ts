/**
 * GPT-2's printable stand-ins for bytes (Radford et al. 2019, `bytes_to_unicode`): most bytes of Latin-1 stand for
 * themselves, the others for U+0100 and on. Every stand-in is one UTF-16 code unit.
 */

const utf8Encoder = new TextEncoder();
const PRINTABLE = /[!-~\xa1-\xac\xae-\xff]/;
const SPACE_STAND_IN = '\u0120';
const WORDS_IN_ASCII = /^[ -~]*$/;

interface ByteTables {
  readonly characterOf: readonly string[];
  readonly byteOf: ReadonlyMap<string, number>;
}

let tables: ByteTables | undefined;

function byteTables(): ByteTables {
  if (tables === undefined) {
    let next = 0x100;
    const characterOf = Array.from({ length: 256 }, (_, byte) => {
      const character = String.fromCharCode(byte);
      return PRINTABLE.test(character) ? character : String.fromCharCode(next++);
    });
    tables = { characterOf, byteOf: new Map(characterOf.map((character, byte) => [character, byte])) };
  }
  return tables;
}

/** The 256 stand-ins, by byte: the alphabet of byte-level models. */
export function byteAlphabet(): readonly string[] {
  return byteTables().characterOf;
}

/** The UTF-8 bytes of well-formed `text` as stand-ins. */
export function toByteCharacters(text: string): string {
  if (WORDS_IN_ASCII.test(text)) return text.replaceAll(' ', SPACE_STAND_IN);
  const { characterOf } = byteTables();
  let result = '';
  for (const byte of utf8Encoder.encode(text)) result += characterOf[byte] as string;
  return result;
}

/** The bytes that `token` stands for; the UTF-8 bytes of the token itself where a character is no stand-in. */
export function fromByteCharacters(token: string): Uint8Array {
  const { byteOf } = byteTables();
  const bytes = new Uint8Array(token.length);
  for (let unit = 0; unit < token.length; unit++) {
    const byte = byteOf.get(token[unit] as string);
    if (byte === undefined) return utf8Encoder.encode(token);
    bytes[unit] = byte;
  }
  return bytes;
}
