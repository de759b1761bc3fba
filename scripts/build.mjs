// npm run build: src into a clean dist.
import { build } from './setup.mjs';

process.exitCode = build() ? 0 : 1;
