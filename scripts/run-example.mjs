// node scripts/run-example.mjs NAME [ARGUMENT...]: compiles examples/NAME.ts and runs it against the build.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';
import { inRoot } from './setup.mjs';

const [name = 'quickstart', ...args] = process.argv.slice(2);
const source = readFileSync(inRoot('examples', `${name}.ts`), 'utf8');
const { outputText } = ts.transpileModule(source, {
  compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
});
// Inside the repository, so that the example's import of 'lacuna' finds this package.
const compiled = inRoot('.cache', 'examples', `${name}.mjs`);
mkdirSync(inRoot('.cache', 'examples'), { recursive: true });
writeFileSync(compiled, outputText);
const { status } = spawnSync(process.execPath, [compiled, ...args], { stdio: 'inherit' });
process.exitCode = status ?? 1;
