#!/usr/bin/env node
import { ExitStatus } from './exit-status.js';
import { run } from './run.js';
import { processTerminal } from './terminal.js';

process.exitCode = await run(process.argv.slice(2), {
  terminal: processTerminal(),
  loadApi: () => import('../api/index.js'),
  loadAsk: () => import('../ask/index.js'),
  exitStatus: ExitStatus.ok,
});
