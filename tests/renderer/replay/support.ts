import { encodeColumn } from '../../../src-preload/contract/values.ts'
import type { Evaluation, Rollout } from '../../../src-preload/contract/evaluations.ts'
import { trackOf, type Track } from '../../../src-renderer/replay/track.ts'

interface Parts {
  readonly q?: readonly number[]
  /** One `qpos` number a state. */
  readonly positions?: readonly number[]
  readonly rewards?: readonly number[]
  readonly outcome?: string
}

/** A rollout whose first observation takes these values; the second is always 0. */
export const rollout = (xs: readonly number[], parts: Parts = {}): Rollout => {
  const steps = xs.length - 1
  const rewards = parts.rewards ?? Array.from({ length: steps }, (_, i) => i)
  const { q, positions } = parts
  return {
    runId: 'r',
    step: 100,
    episode: 0,
    environmentId: 'crossroads',
    return: rewards.reduce((sum, reward) => sum + reward, 0),
    outcome: parts.outcome ?? 'goal',
    observations: encodeColumn(Float32Array.from(xs.flatMap(x => [x, 0])), [xs.length, 2]),
    actions: encodeColumn(new Float32Array(2 * steps), [steps, 2]),
    rewards: encodeColumn(Float64Array.from(rewards), [steps]),
    positions: positions ? encodeColumn(Float32Array.from(positions), [positions.length, 1]) : null,
    advantages: q ? encodeColumn(Float32Array.from(q)) : null,
    advantageFrom: q ? 'q' : null,
    qValues: q ? encodeColumn(Float32Array.from(q)) : null,
    values: q ? encodeColumn(new Float32Array(q.length)) : null,
    goal: null
  }
}

/** That rollout as a track. */
export const track = (xs: readonly number[], parts: Parts = {}, id = 't'): Track =>
  trackOf(rollout(xs, parts), { id, name: id, colour: '#123' })

/** An evaluation that kept its first `kept` episodes. */
export const evaluation = (step: number, returns: readonly number[], kept = returns.length): Evaluation => ({
  runId: 'r1',
  step,
  at: step,
  seconds: step / 10,
  returns: encodeColumn(Float64Array.from(returns)),
  lengths: encodeColumn(Int32Array.from(returns, () => 5)),
  outcomes: returns.map(() => 'goal'),
  meanReturn: returns.reduce((sum, value) => sum + value, 0) / returns.length,
  standardDeviation: 0,
  meanLength: 5,
  score: null,
  failedEpisodes: 0,
  rollouts: Array.from({ length: kept }, (_, i) => i)
})
