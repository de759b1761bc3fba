// node scripts/write-schemas.mjs: docs/schemas from the built code.
import { mkdirSync, writeFileSync } from 'node:fs';
import { inRoot } from './setup.mjs';

const { schemaFiles } = await import('../dist/ask/schemas.js');
mkdirSync(inRoot('docs', 'schemas'), { recursive: true });
for (const [name, schema] of Object.entries(schemaFiles())) {
  writeFileSync(inRoot('docs', 'schemas', name), `${JSON.stringify(schema, null, 2)}\n`);
}
