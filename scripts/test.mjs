// npm test: set up what is missing, then every check. The last line is "N passed, N failed".
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { build, inRoot, installDependencies, requireNode, runNode } from './setup.mjs';

const REPORT = inRoot('.cache', 'test-report.json');

const checks = [
  ['type check', () => runNode(inRoot('node_modules', 'typescript', 'bin', 'tsc'), ['-p', 'tsconfig.json'])],
  [
    'lint and format',
    () => runNode(inRoot('node_modules', '@biomejs', 'biome', 'bin', 'biome'), ['check', '.']),
  ],
  // Before the tests: they run the built command and the built ONNX worker.
  ['build', build],
  ['tests', runTests],
];

function runTests() {
  rmSync(REPORT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  return runNode(inRoot('node_modules', 'vitest', 'vitest.mjs'), [
    'run',
    ...reporters,
    ...process.argv.slice(2),
  ]);
}

/** Tests that passed and failed; a test file that could not be loaded counts as one failure. */
function countTests() {
  if (!existsSync(REPORT)) return { passed: 0, failed: 0 };
  const report = JSON.parse(readFileSync(REPORT, 'utf8'));
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length };
}

requireNode();
installDependencies();
const failures = checks.filter(([name, check]) => {
  console.log(`\n== ${name}`);
  return !check();
});
const { passed, failed } = countTests();
// A failed check counts as a failure of its own; for the tests only when no single test accounts for it.
const failedChecks = failures.filter(([name]) => name !== 'tests' || failed === 0);
console.log(failures.length > 0 ? `\nfailed: ${failures.map(([name]) => name).join(', ')}` : '');
console.log(`${passed} passed, ${failed + failedChecks.length} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;
