import { encodeDraft, halveWeights, type OnnxDraft, quantizeWeights } from '../graph/index.js';
import type { LanguageModel } from '../model/index.js';
import type { FileContent } from './save.js';

/** How the weights of a further ONNX file are stored; see `quantizeWeights` and `halveWeights`. */
export const QUANTIZATIONS = ['int8', 'fp16'] as const;
export type Quantization = (typeof QUANTIZATIONS)[number];

/** File names by what transformers.js looks for: `dtype: 'q8'` and `dtype: 'fp16'`. */
const ONNX_FILES = { fp32: 'model.onnx', int8: 'model_quantized.onnx', fp16: 'model_fp16.onnx' } as const;

type Pass = (draft: OnnxDraft, kept: KeptWeights) => OnnxDraft;

const passes: Readonly<Record<Quantization, Pass>> = {
  int8: (draft, { precise, exact }) => quantizeWeights(draft, new Set([...precise, ...exact])),
  fp16: (draft, { exact }) => halveWeights(draft, exact),
};

/** Weights that stay in float32. */
export interface KeptWeights {
  /** Where others are rounded to 8 bits; see `preciseWeights`. */
  readonly precise: ReadonlySet<string>;
  /** Always: tables, which hold places and ids. */
  readonly exact: ReadonlySet<string>;
}

/** How ONNX files are made. */
export interface OnnxFileOptions extends KeptWeights {
  readonly quantizations: readonly Quantization[];
  /** Size of the weights above which they lie beside their model; 1.5 GiB unless told. */
  readonly externalAboveBytes?: number | undefined;
}

/**
 * The matrices of a head, but for a decoder's V rows: little of the file, and what 8 bits would cost most in, for the
 * decoder turns their errors into those of every logit.
 */
export function preciseWeights({ head, config, task }: LanguageModel): ReadonlySet<string> {
  const isDecoder = (shape: readonly number[]) => task === 'fill-mask' && shape[0] === config.vocabSize;
  return new Set(head.filter(({ shape }) => !isDecoder(shape)).map(({ name }) => name));
}

/** A model's tables, none of whose numbers may be rounded. */
export function exactTables({ parameters }: LanguageModel): ReadonlySet<string> {
  return new Set(parameters.filter(({ kind }) => kind === 'table').map(({ name }) => name));
}

/** One ONNX file of an exported directory. */
export interface OnnxFile {
  /** Path in the directory. */
  readonly path: string;
  readonly weights: 'fp32' | Quantization;
  /** With its external data, where it has some. */
  readonly sizeBytes: number;
  readonly isExternal: boolean;
}

/** The files of an exported model by path: `onnx/model.onnx`, and one for each quantisation. */
export interface OnnxFiles {
  readonly files: readonly OnnxFile[];
  readonly contents: ReadonlyMap<string, FileContent>;
}

/** Encodes a draft as it is and once for each quantisation; large weights lie beside their model. */
export function onnxFiles(
  draft: OnnxDraft,
  { quantizations, precise, exact, externalAboveBytes }: OnnxFileOptions,
): OnnxFiles {
  const contents = new Map<string, FileContent>();
  const files = (['fp32', ...quantizations] as const).map((weights): OnnxFile => {
    const name = ONNX_FILES[weights];
    const externalFile = `${name}_data`;
    const { model, externalData } = encodeDraft(
      weights === 'fp32' ? draft : passes[weights](draft, { precise, exact }),
      {
        externalFile,
        ...(externalAboveBytes === undefined ? {} : { externalAboveBytes }),
      },
    );
    contents.set(`onnx/${name}`, model);
    if (externalData) contents.set(`onnx/${externalFile}`, externalData);
    const outside = (externalData ?? []).reduce((sum, { byteLength }) => sum + byteLength, 0);
    return {
      path: `onnx/${name}`,
      weights,
      sizeBytes: model.byteLength + outside,
      isExternal: externalData !== undefined,
    };
  });
  return { files, contents };
}

/** What config.json has to tell transformers.js about these files: whose weights lie outside. */
export function transformersJsConfig(files: readonly OnnxFile[]): Record<string, unknown> {
  const outside = files.filter(({ isExternal }) => isExternal);
  if (outside.length === 0) return {};
  const names = outside.map(({ path }) => [path.replace('onnx/', ''), true]);
  return { 'transformers.js_config': { use_external_data_format: Object.fromEntries(names) } };
}
