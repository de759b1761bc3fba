// Modules of the built package, by their path in dist; another build by LACUNA_DIST.
import { pathToFileURL } from 'node:url';

const root = process.env.LACUNA_DIST
  ? pathToFileURL(`${process.env.LACUNA_DIST}/`)
  : new URL('../../dist/', import.meta.url);

export const library = (path) => import(new URL(path, root).href);
