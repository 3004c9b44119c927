import { join } from 'node:path'
import type { ScoreReference } from '../../src-preload/contract/datasets.ts'
import { mean } from '../base/moments.ts'
import type { HostTensors } from '../base/tensors.ts'
import type { CompileOptions, Engine } from '../compute/engine.ts'
import type { Normaliser } from '../datasets/normaliser.ts'
import type { Environment } from '../environments/environment.ts'
import { normalizedScore } from '../evaluation/scores.ts'
import { rollOut } from '../evaluation/rollouts.ts'
import type { Method } from './buildProgram.ts'
import type { EvaluationMessage } from './messages.ts'
import type { CompiledPolicy } from './compiledPolicy.ts'
import { compilePolicy, policyTensors } from './policy.ts'
import { rolloutFileName, writeRollout } from './rolloutWriter.ts'

/** Starts are the same for all runs, so the seed of evaluation is no run's. */
const evaluationSeed = 0

/** Where and how a run is evaluated. */
export interface EvaluationSetting {
  readonly method: Method
  readonly normaliser: Normaliser
  readonly environment: Environment
  readonly scoreReference: ScoreReference | null
  /** The run's `rollouts/`. */
  readonly folder: string
}

/** Evaluates states of one method in an environment; episodes run in lock step under one compiled policy. */
export class Evaluator {
  readonly #setting: EvaluationSetting
  readonly #engine: Engine
  readonly #options: CompileOptions
  #policy: CompiledPolicy | null = null

  constructor(setting: EvaluationSetting, engine: Engine, options: CompileOptions) {
    this.#setting = setting
    this.#engine = engine
    this.#options = options
  }

  /**
   * Runs the episodes; the rollout files are in place when it returns.
   * @param seconds active seconds since the run's start
   * @throws the signal's reason when aborted
   */
  async evaluate(
    step: number,
    seconds: number,
    state: HostTensors,
    signal: AbortSignal
  ): Promise<EvaluationMessage> {
    const { method, normaliser, environment } = this.#setting
    const { evalEpisodes: episodes, keepRollouts: keep } = method.config
    const tensors = policyTensors(method, state)
    this.#policy ??= await compilePolicy(method, normaliser, tensors, episodes, this.#engine, this.#options)
    await this.#policy.bind(tensors)
    const result = await rollOut(environment, this.#policy, { episodes, seed: evaluationSeed, keep, signal })
    const { returns, lengths, outcomes, failedEpisodes } = result
    return {
      step,
      seconds,
      returns,
      lengths,
      outcomes,
      failedEpisodes,
      // An episode that failed makes the mean NaN, and NaN is shown.
      score: this.#score(mean(returns)),
      rollouts: await this.#keep(step, result.rollouts)
    }
  }

  async #keep(
    step: number,
    rollouts: Awaited<ReturnType<typeof rollOut>>['rollouts']
  ): Promise<EvaluationMessage['rollouts']> {
    const { environment, folder } = this.#setting
    const discrete = environment.actions.kind === 'discrete'
    const kept = []
    for (const rollout of rollouts) {
      const file = rolloutFileName(step, rollout.episode)
      await writeRollout(join(folder, file), { environmentId: environment.id, step, discrete }, rollout)
      kept.push({ episode: rollout.episode, file, return: rollout.return, outcome: rollout.outcome })
    }
    return kept
  }

  #score(meanReturn: number): number | null {
    const reference = this.#setting.scoreReference
    return reference && normalizedScore(meanReturn, reference)
  }

  async close(): Promise<void> {
    await this.#policy?.close()
  }
}

/** The points that an evaluation adds to the curves. */
export function evaluationPoints({ returns, lengths, score }: EvaluationMessage): Record<string, number> {
  const points = { 'eval/return': mean(returns), 'eval/length': mean(lengths) }
  return score === null ? points : { ...points, 'eval/score': score }
}
