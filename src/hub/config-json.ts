/** Keys whose value transformers insists on being a float, for one family or more; Python takes 0 for an integer. */
const FLOATS = [
  ...['attention_probs_dropout_prob', 'hidden_dropout_prob', 'rope_theta'],
  ...['initializer_cutoff_factor', 'initializer_range', 'layer_norm_eps', 'norm_eps'],
];

const WHOLE_FLOAT = new RegExp(`^( {2}"(?:${FLOATS.join('|')})": -?\\d+)(,?)$`, 'gm');

/** A configuration in Hugging Face's keys as the text of config.json, with the floats among its numbers written as such. */
export function formatConfigJson(config: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(config, null, 2).replace(WHOLE_FLOAT, '$1.0$2')}\n`;
}
