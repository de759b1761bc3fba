// Measures how the cost grows, draws docs/growth.svg and replaces the table of docs/performance.md:
//     npm run build && node bench/growth/document.mjs [--preset mini] [--repetitions 3] && npm run format
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const file = (path) => fileURLToPath(new URL(path, root));
const [BEGIN, END] = ['<!-- growth: written by bench/growth/document.mjs -->', '<!-- /growth -->'];

const args = ['bench', '--growth', '--plot', file('docs/growth.svg'), ...process.argv.slice(2)];
const { status, stdout } = spawnSync(process.execPath, [file('dist/cli/main.js'), ...args], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (status !== 0) process.exit(status ?? 1);

const page = readFileSync(file('docs/performance.md'), 'utf8');
const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
if (begin < 0 || end < begin) throw new Error(`docs/performance.md lacks '${BEGIN}' before '${END}'`);
const day = new Date().toISOString().slice(0, 10);
const machine = `Measured on ${day}: ${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, Node ${process.version}.`;
const section = `${BEGIN}\n\n${machine}\n\n${stdout.trim()}\n\n`;
writeFileSync(file('docs/performance.md'), page.slice(0, begin) + section + page.slice(end));
