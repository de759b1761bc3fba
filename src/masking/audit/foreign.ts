import { z } from 'zod';
import { DataError } from '../../core/index.js';
import { parseJson } from '../../formats/index.js';
import type { AuditedSequence } from './declaration.js';

const ids = z.array(z.int()).min(1);
const rowSchema = z.object({ input_ids: ids, labels: ids, original_ids: ids.optional() });

/** One line of a foreign collator's output; a DataError names the line. */
export function parseAuditedLine(line: string, where: string): AuditedSequence {
  const parsed = rowSchema.safeParse(parseJson(new TextEncoder().encode(line), where));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new DataError(
      `${where}: ${issue?.path.join('.') || 'line'}: ${issue?.message}; expected {"input_ids": [...], "labels": [...]}`,
    );
  }
  const { input_ids: inputIds, labels, original_ids: originalIds } = parsed.data;
  for (const other of [labels, originalIds]) {
    if (other && other.length !== inputIds.length) {
      throw new DataError(
        `${where}: ${inputIds.length} input_ids, but ${other.length} labels or original_ids`,
      );
    }
  }
  return { inputIds, labels, originalIds };
}
