import { createRequire } from 'node:module';
import { z } from 'zod';

const packageSchema = z.object({ version: z.string() });

/** Version of the ONNX Runtime package that runs the programs. */
export function runtimeVersion(): string {
  return packageSchema.parse(createRequire(import.meta.url)('onnxruntime-node/package.json')).version;
}
