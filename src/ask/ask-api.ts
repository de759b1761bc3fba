import type {
  Explanation,
  JointAnswer,
  PairScore,
  PairSummary,
  TargetCandidate,
  TextScore,
} from '../infer/index.js';
import type { Embedding, EmbedManyOptions, EmbedTextsOptions } from './embed.js';
import type { ExplainTextOptions } from './explain.js';
import type {
  FillJointOptions,
  FillManyOptions,
  FillOptions,
  FillResult,
  FillTargetsOptions,
} from './fill.js';
import type { ManyResult } from './many.js';
import type { ScoreManyOptions, ScoreManyResult, ScorePairsOptions, ScoreTextsOptions } from './score.js';
import type { Neighbour, SimilarOptions } from './similar.js';

/** The questions, as a command or a server uses them. */
export interface AskApi {
  fill(options: FillOptions): Promise<FillResult>;
  fillTargets(options: FillTargetsOptions): Promise<TargetCandidate[][]>;
  fillJoint(options: FillJointOptions): Promise<JointAnswer>;
  fillMany(options: FillManyOptions): Promise<ManyResult>;
  score(options: ScoreTextsOptions): Promise<TextScore[]>;
  scorePairs(
    options: ScorePairsOptions,
  ): Promise<{ readonly pairs: PairScore[]; readonly summary: PairSummary }>;
  scoreMany(options: ScoreManyOptions): Promise<ScoreManyResult>;
  embed(options: EmbedTextsOptions): Promise<Embedding[]>;
  embedMany(options: EmbedManyOptions): Promise<ManyResult>;
  similar(options: SimilarOptions): Promise<Neighbour[]>;
  explain(options: ExplainTextOptions): Promise<Explanation>;
  explanationHtml(explanation: Explanation): string;
  explanationSvg(explanation: Explanation): string;
}
