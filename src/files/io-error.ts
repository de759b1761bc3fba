import { errorMessage, FileError, LacunaError } from '../core/index.js';

/** Causes that users meet, in words; libuv's codes are the keys. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use or a mount point; choose a directory inside it',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be too large',
  EIO: 'the device failed',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'it does not exist',
  ENOSPC: 'no space left on the device; free some or choose another place',
  ENOTDIR: 'a part of the path is not a directory; choose another place',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only; choose another place',
  EXDEV: 'it is on another device',
};

/** The error code of a failed system call, or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** A FileError `action: reason`, with the reason in words; a LacunaError passes through as it is. */
export function toFileError(action: string, cause: unknown): LacunaError {
  if (cause instanceof LacunaError) return cause;
  const reason = REASONS[systemCode(cause) ?? ''] ?? errorMessage(cause);
  return new FileError(`${action}: ${reason}`, { cause });
}
