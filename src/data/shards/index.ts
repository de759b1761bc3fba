export {
  readShardIndex,
  SHARD_INDEX,
  SHARD_VERSION,
  type ShardIndex,
  shardIndexSchema,
  verifyShards,
} from './shard-index.js';
export { type ShardOptions, ShardWriter } from './shard-writer.js';
export { ShardedRows } from './sharded-rows.js';
