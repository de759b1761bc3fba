import { describe, expect, it } from 'vitest';
import { FileError, FormatError } from '../core/index.js';
import { toFileError } from './io-error.js';

const systemError = (code: string) => Object.assign(new Error(`${code}: libuv's words`), { code });

describe('toFileError', () => {
  it.each([
    ['ENOSPC', /^cannot write 'x': no space left on the device; /],
    ['EROFS', /^cannot write 'x': the file system is read-only; /],
    ['EACCES', /^cannot write 'x': permission denied$/],
    ['EWEIRD', /^cannot write 'x': EWEIRD: libuv's words$/],
  ])('puts %s in words', (code, message) => {
    const cause = systemError(code);
    const error = toFileError("cannot write 'x'", cause);
    expect(error).toBeInstanceOf(FileError);
    expect(error.message).toMatch(message);
    expect(error.cause).toBe(cause);
  });

  it('lets an error of ours pass', () => {
    const error = new FormatError('as it was');
    expect(toFileError('cannot write', error)).toBe(error);
  });
});
