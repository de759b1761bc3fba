// npm start: set up what is missing, then the demo. Arguments and signals are passed on.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { buildIfStale, inRoot, installDependencies, requireNode } from './setup.mjs';

requireNode();
installDependencies();
if (!buildIfStale()) {
  console.error('lacuna: the build failed; see above');
  process.exit(1);
}

const main = inRoot('dist', 'cli', 'main.js');
const child = spawn(process.execPath, [main, 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
// The child decides what a signal means (it saves its model first); this process waits for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.on('exit', (status, signal) => {
  process.exitCode = signal ? 128 + constants.signals[signal] : (status ?? 1);
});
