import { type ErrorCode, LacunaError } from '../core/index.js';

/** Exit statuses of the command; a process that ends by a signal reports 128 + its number. */
export const ExitStatus = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

const STATUS_OF_CODE: Readonly<Record<ErrorCode, number>> = {
  usage: ExitStatus.usage,
  config: ExitStatus.usage,
  shape: ExitStatus.failed,
  format: ExitStatus.failed,
  data: ExitStatus.failed,
  io: ExitStatus.failed,
  backend: ExitStatus.failed,
  interrupted: ExitStatus.interrupted,
};

/** The exit status for anything thrown. */
export function exitStatusOf(error: unknown): number {
  return error instanceof LacunaError ? STATUS_OF_CODE[error.code] : ExitStatus.failed;
}
