import { describe, expect, it } from 'vitest';
import { BackendError, ConfigError } from './errors.js';
import { withMemoryAdvice } from './memory.js';

/** The error of a request that no machine can serve. */
function refused(request: () => unknown): unknown {
  try {
    return request();
  } catch (error) {
    return error;
  }
}

describe('withMemoryAdvice', () => {
  it.each([
    ['an array buffer', () => new ArrayBuffer(2 ** 52)],
    ['a typed array', () => new Float32Array(2 ** 52)],
  ])('says what to change when %s cannot be had', (_, request) => {
    const cause = refused(request);
    const error = withMemoryAdvice(cause);
    expect(error).toBeInstanceOf(BackendError);
    expect(error).toMatchObject({
      cause,
      message: expect.stringMatching(
        /^there is too little memory; lower the micro-batch size, .* \(.*(allocation failed|length).*\)$/,
      ),
    });
  });

  it('leaves errors about other things alone, and those that say it already', () => {
    for (const error of [new TypeError('x is not a function'), new ConfigError('out of memory'), 'text']) {
      expect(withMemoryAdvice(error)).toBe(error);
    }
  });
});
