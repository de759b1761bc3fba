/** What the card of an imported model is written from. */
export interface ImportCardFacts {
  readonly name: string;
  readonly modelType: string;
  /** Hugging Face's name of what the model is for. */
  readonly task: string;
  /** Name of the directory that it came from. */
  readonly source: string;
}

/** README.md of a model that Lacuna did not train. */
export function importCard({ name, modelType, task, source }: ImportCardFacts): string {
  return `---
library_name: transformers
pipeline_tag: ${task}
license: unknown
tags:
- ${JSON.stringify(modelType)}
- lacuna
---

# ${name}

A ${modelType} model for ${task}, converted by Lacuna from the checkpoint '${source}': the same weights in float32, under
the names of transformers' present version. Its license and its limits are those of the checkpoint.
`;
}
