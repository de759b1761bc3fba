// The command as few files: what starts it is read in a third of the time. Called by build(), after the compiler.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { rolldown } from 'rolldown';

/** Native or rarely used packages, which stay packages. */
const EXTERNAL = [/^onnxruntime/, /^hyparquet/, /^@duckdb/];

const [dist] = process.argv.slice(2);
// Workers are loaded by name from beside the code that starts them.
const workers = readdirSync(dist, { recursive: true })
  .filter((name) => /worker\.js$/.test(name))
  .map((name) => [basename(name, '.js'), join(dist, name)]);
const bundle = await rolldown({
  input: { main: join(dist, 'cli', 'main.js'), ...Object.fromEntries(workers) },
  platform: 'node',
  external: EXTERNAL,
  logLevel: 'warn',
});
// Two folders below the package's root, as the modules are: paths from import.meta.url hold.
const { output } = await bundle.write({ dir: join(dist, 'bundle'), format: 'esm' });
const modules = output.flatMap((chunk) => chunk.moduleIds ?? []);
writeFileSync(join(dist, 'bundle', 'LICENSES.txt'), licencesOf(modules));

/** The licences of the packages whose code is in the bundle. */
function licencesOf(paths) {
  const folders = new Set(
    paths.flatMap((path) => /^.*node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path) ?? []),
  );
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text =
        file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : license;
      return `${name} ${version}\n\n${text.trim()}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}
