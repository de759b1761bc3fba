import type { Padding } from '../padding.js';
import type { Truncation } from '../truncation.js';
import type { PaddingJson, TruncationJson } from './schema.js';

const STRATEGIES = {
  LongestFirst: 'longestFirst',
  OnlyFirst: 'onlyFirst',
  OnlySecond: 'onlySecond',
} as const;

const STRATEGIES_JSON = {
  longestFirst: 'LongestFirst',
  onlyFirst: 'OnlyFirst',
  onlySecond: 'OnlySecond',
} as const;

export function readTruncation(json: TruncationJson): Truncation {
  return {
    maxLength: json.max_length,
    stride: json.stride,
    strategy: STRATEGIES[json.strategy],
    direction: json.direction === 'Left' ? 'left' : 'right',
  };
}

export function writeTruncation(truncation: Truncation): TruncationJson {
  return {
    direction: truncation.direction === 'left' ? 'Left' : 'Right',
    max_length: truncation.maxLength,
    strategy: STRATEGIES_JSON[truncation.strategy ?? 'longestFirst'],
    stride: truncation.stride ?? 0,
  };
}

export function readPadding(json: PaddingJson): Padding {
  return {
    length: json.strategy === 'BatchLongest' ? 'longest' : json.strategy.Fixed,
    direction: json.direction === 'Left' ? 'left' : 'right',
    padToMultipleOf: json.pad_to_multiple_of,
    padId: json.pad_id,
    padTypeId: json.pad_type_id,
    padToken: json.pad_token,
  };
}

export function writePadding(padding: Padding): PaddingJson {
  return {
    strategy: padding.length === 'longest' ? 'BatchLongest' : { Fixed: padding.length },
    direction: padding.direction === 'left' ? 'Left' : 'Right',
    pad_to_multiple_of: padding.padToMultipleOf ?? null,
    pad_id: padding.padId,
    pad_type_id: padding.padTypeId ?? 0,
    pad_token: padding.padToken,
  };
}
