import type { Learner, Tier } from '../../src-preload/contract/collect.ts'
import { UserError } from '../base/errors.ts'
import { mean } from '../base/moments.ts'
import type { Engine } from '../compute/engine.ts'
import type { Environment } from '../environments/environment.ts'
import { normalizedScore } from '../evaluation/scores.ts'
import type { Behaviour } from './behaviour.ts'
import type { LivedEpisode } from './lanes.ts'
import { recordBehaviour, recordRandom } from './record.ts'

/** A policy whose data reach this normalised score may be called an expert. */
export const expertScore = 90

/** Episodes of one origin. */
export interface TierPart {
  /** What acted: `expert`, `medium`, `random`, `replay`. */
  readonly source: string
  readonly behaviour: Behaviour | null
  readonly episodes: readonly LivedEpisode[]
}

export interface TierRequest {
  readonly environment: Environment
  readonly engine: Engine
  readonly tier: Tier
  /** By steps; empty is enough for the random tier. */
  readonly behaviours: readonly Behaviour[]
  readonly replay: () => AsyncIterable<LivedEpisode>
  readonly transitions: number
  readonly seed: number
  /** Standard deviation of the noise on the actions of trained policies. */
  readonly noise: number
  readonly onProgress?: (done: number) => Promise<void>
}

export const returnOfBehaviour = (behaviour: Behaviour): number => mean(Float64Array.from(behaviour.returns))

/** Those whose every evaluation ended with a number: an exploded policy is neither the best nor the worst. */
const measured = (behaviours: readonly Behaviour[]): Behaviour[] =>
  behaviours.filter(behaviour => Number.isFinite(returnOfBehaviour(behaviour)))

/** The checkpoint of the highest return. @throws UserError('not-found') without any */
export function bestOf(behaviours: readonly Behaviour[]): Behaviour {
  const sorted = measured(behaviours).sort((a, b) => returnOfBehaviour(b) - returnOfBehaviour(a))
  if (sorted.length === 0)
    throw new UserError('not-found', 'this behaviour has no checkpoint with a return yet; train it first')
  return sorted[0]
}

/** The first checkpoint whose return is at least a third of the way from the first checkpoint's to the best one's. */
export function mediumOf(behaviours: readonly Behaviour[]): Behaviour {
  const best = bestOf(behaviours)
  const low = Math.min(...measured(behaviours).map(returnOfBehaviour))
  const wanted = low + (returnOfBehaviour(best) - low) / 3
  return behaviours.find(behaviour => returnOfBehaviour(behaviour) >= wanted) ?? best
}

async function acted(
  request: TierRequest,
  which: 'medium' | 'expert',
  transitions: number
): Promise<TierPart> {
  const behaviour = which === 'expert' ? bestOf(request.behaviours) : mediumOf(request.behaviours)
  const { environment, seed, noise, engine, onProgress } = request
  const stream = `collect/${which}`
  const asked = { environment, transitions, seed, stream, onProgress }
  return { source: which, behaviour, episodes: await recordBehaviour(asked, behaviour, noise, engine) }
}

async function random(request: TierRequest, transitions: number): Promise<TierPart> {
  const { environment, seed, onProgress } = request
  const asked = { environment, transitions, seed, stream: 'collect/random', onProgress }
  return { source: 'random', behaviour: null, episodes: await recordRandom(asked) }
}

/** What the learner lived through until the medium checkpoint. */
async function replay(request: TierRequest): Promise<TierPart> {
  const behaviour = mediumOf(request.behaviours)
  const episodes: LivedEpisode[] = []
  let steps = 0
  for await (const episode of request.replay()) {
    if (steps >= behaviour.steps) break
    episodes.push(episode)
    steps += episode.length
  }
  return { source: 'replay', behaviour, episodes }
}

const mixedShares: Readonly<Partial<Record<Tier, number>>> = {
  'mixed-1': 0.01,
  'mixed-5': 0.05,
  'mixed-20': 0.2
}

/** The parts of a tier, simulated now but for the replay. */
export async function makeTier(request: TierRequest): Promise<readonly TierPart[]> {
  const { tier, transitions } = request
  const share = mixedShares[tier]
  if (share !== undefined)
    return [
      await acted(request, 'expert', Math.round(share * transitions)),
      await random(request, Math.round((1 - share) * transitions))
    ]
  if (tier === 'medium-replay') return [await replay(request)]
  if (tier === 'medium-expert')
    return [await acted(request, 'medium', transitions / 2), await acted(request, 'expert', transitions / 2)]
  if (tier === 'medium' || tier === 'expert') return [await acted(request, tier, transitions)]
  return [await random(request, transitions)]
}

/** Normalised score of a return, or null in an environment without references. */
export const scoreOf = ({ info }: Environment, value: number): number | null =>
  info.scoreReference === null ? null : normalizedScore(value, info.scoreReference)

/**
 * What a tier is called: `expert` only where the expert's own data score 90 or more, else what was measured stands in its place,
 * as in `medium-ppo63`.
 * @param expertReturn mean return of the expert's episodes, or null in tiers without one
 */
export function tierName(
  tier: Tier,
  environment: Environment,
  expertReturn: number | null,
  learner: Learner = 'ppo'
): string {
  if (expertReturn === null) return tier
  const score = scoreOf(environment, expertReturn)
  if (score !== null && score >= expertScore) return tier
  const measured =
    score === null ? `${learner}-return${Math.round(expertReturn)}` : `${learner}${Math.round(score)}`
  return tier.startsWith('mixed') ? `${tier}-${measured}` : tier.replace('expert', measured)
}
