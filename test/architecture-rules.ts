import { posix } from 'node:path';
import ts from 'typescript';

/** Source files by their path from `src`, such as `graph/ops/matmul.ts`. */
export type SourceFiles = ReadonlyMap<string, string>;

/** Folders by row: a file imports only strictly lower rows. `labs` and `server` come later. */
export const ROWS: readonly (readonly string[])[] = [
  ['core'],
  ['formats', 'files', 'plot'],
  ['tokenize', 'masking', 'graph', 'parallel'],
  ['data', 'model', 'runtime'],
  ['train', 'infer', 'hub', 'baselines', 'runs'],
  ['ask'],
  ['api', 'labs'],
  ['cli', 'server'],
];

const MAX_LINES = 400;
const TOP_LEVEL_FILES = ['index.ts'];
const ONLY_IMPORTERS: Readonly<Record<string, string>> = { 'onnxruntime-node': 'runtime' };
const WITHOUT_FILES = ['formats', 'core'];

interface Import {
  readonly from: string;
  /** A path from `src` for a relative import, else the module's name. */
  readonly to: string;
  readonly isRelative: boolean;
  readonly specifier: string;
}

const isTest = (path: string): boolean => path.endsWith('.test.ts') || path.includes('/testing/');

/** The folder below `src`, or '' for a file in `src` itself. */
function folderOf(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

function rowOf(folder: string): number {
  return ROWS.findIndex((folders) => folders.includes(folder));
}

/** Every import and re-export of a file, dynamic ones and those of types too. */
export function importsOf(path: string, text: string): Import[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName: specifier }) => {
    const isRelative = specifier.startsWith('.');
    const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts');
    return { from: path, to: isRelative ? target : specifier, isRelative, specifier };
  });
}

function checkRelativeImport({ from, to, specifier }: Import, files: SourceFiles): string[] {
  if (!specifier.endsWith('.js')) return [`${from}: import '${specifier}' must end in .js`];
  if (!files.has(to)) return [`${from}: import '${specifier}' leads to no file in src`];
  const [own, other] = [folderOf(from), folderOf(to)];
  if (own === other) return [];
  const problems: string[] = [];
  if (to !== `${other}/index.ts`)
    problems.push(`${from}: ${other} is imported only through its index.js, not '${specifier}'`);
  if (own !== '' && rowOf(other) >= rowOf(own)) {
    problems.push(`${from}: ${own} (row ${rowOf(own)}) must not import ${other} (row ${rowOf(other)})`);
  }
  return problems;
}

function checkModuleImport({ from, to }: Import): string[] {
  const owner = ONLY_IMPORTERS[to];
  if (owner && folderOf(from) !== owner) return [`${from}: only ${owner} imports ${to}`];
  const name = to.replace(/^node:/, '');
  if (WITHOUT_FILES.includes(folderOf(from)) && (name === 'fs' || name.startsWith('fs/'))) {
    return [`${from}: ${folderOf(from)} has no file access`];
  }
  return [];
}

function checkNameAndSize(path: string, text: string): string[] {
  const problems: string[] = [];
  const folder = folderOf(path);
  if (folder === '' ? !TOP_LEVEL_FILES.includes(path) : rowOf(folder) < 0) {
    problems.push(`${path}: lies in no folder of a row`);
  }
  for (const part of path
    .replace(/\.ts$/, '')
    .replace(/\.test$/, '')
    .split('/')) {
    if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(part)) problems.push(`${path}: '${part}' is not kebab-case`);
    if (/^(utils?|helpers?|misc)$/.test(part)) problems.push(`${path}: say what it does, not '${part}'`);
  }
  const lines = text.split('\n').length - 1;
  if (!isTest(path) && lines > MAX_LINES) problems.push(`${path}: ${lines} lines, at most ${MAX_LINES}`);
  return problems;
}

/** The first cycle of imports between files, as the paths along it, or undefined. */
export function findCycle(files: SourceFiles): string[] | undefined {
  const targets = new Map<string, string[]>();
  for (const [path, text] of files) {
    const relative = importsOf(path, text).filter(({ isRelative }) => isRelative);
    targets.set(
      path,
      relative.map(({ to }) => to),
    );
  }
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): string[] | undefined => {
    const start = trail.indexOf(path);
    if (start >= 0) return [...trail.slice(start), path];
    if (done.has(path)) return undefined;
    for (const next of targets.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const path of files.keys()) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return undefined;
}

/** Every breach of the layering, naming and size rules, one line each. */
export function findProblems(files: SourceFiles): string[] {
  const problems: string[] = [];
  for (const [path, text] of files) {
    problems.push(...checkNameAndSize(path, text));
    if (isTest(path)) continue;
    for (const found of importsOf(path, text)) {
      problems.push(...(found.isRelative ? checkRelativeImport(found, files) : checkModuleImport(found)));
    }
  }
  const cycle = findCycle(files);
  if (cycle) problems.push(`a cycle of imports: ${cycle.join(' -> ')}`);
  return problems;
}
