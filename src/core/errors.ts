/** What kind of thing went wrong; tables elsewhere map codes to exit statuses and HTTP statuses. */
export type ErrorCode = 'usage' | 'config' | 'shape' | 'format' | 'data' | 'io' | 'backend' | 'interrupted';

/**
 * Root of every error that Lacuna throws on purpose. The message is one line: where, what was expected, what
 * came, and what to do about it where that is known.
 */
export class LacunaError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** A command line that cannot be understood. */
export class UsageError extends LacunaError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('usage', message, options);
  }
}

/** A configuration value, or a combination of values, that cannot work. */
export class ConfigError extends LacunaError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('config', message, options);
  }
}

/** Shapes or dtypes that do not fit together while a graph is built. */
export class ShapeError extends LacunaError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('shape', message, options);
  }
}

/** Bytes or JSON that are not what their format promises. */
export class FormatError extends LacunaError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('format', message, options);
  }
}

/** A corpus or a text that cannot be used. */
export class DataError extends LacunaError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('data', message, options);
  }
}

/** A file or directory that cannot be read or written. */
export class FileError extends LacunaError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('io', message, options);
  }
}

/** The execution back end (ONNX Runtime, its worker) failed. */
export class BackendError extends LacunaError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('backend', message, options);
  }
}

/** One line that describes any thrown value. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
