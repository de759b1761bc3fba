/** From files of any kind to documents. */
export { Corpus, readCorpus } from './corpus.js';
export { type CorpusFile, type FindOptions, findFiles } from './files.js';
export { type LeftOut, symbolsOf, wordsOf } from './filters.js';
export { CORPUS_FORMATS, type CorpusFormat, TEXT_EXTENSIONS } from './format.js';
export { type CorpusOptions, corpusOptionsSchema, dedupThresholdOf } from './options.js';
export { decodeText, readTextFile } from './text-file.js';
