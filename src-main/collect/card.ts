import { mean } from '../base/moments.ts'
import { ColumnsBuilder } from '../datasets/build.ts'
import { spacesOf } from '../datasets/derive.ts'
import type { DatasetColumns, DatasetDescription, RobotStates } from '../datasets/dataset.ts'
import { joinStates } from '../datasets/states.ts'
import { actionWidth } from '../environments/environment.ts'
import type { Environment } from '../environments/environment.ts'
import { returnOfBehaviour, scoreOf, tierName } from './tiers.ts'
import type { LivedEpisode } from './lanes.ts'
import type { TierPart, TierRequest } from './tiers.ts'

/** One digit behind the point, and no minus before a zero. */
const figure = (value: number): string => value.toFixed(1).replace(/^-(?=0\.0$)/, '')

function scored(environment: Environment, value: number): string {
  const score = scoreOf(environment, value)
  return score === null ? figure(value) : `${figure(value)} (normalised ${figure(score)})`
}

const returnsOf = (part: TierPart): Float64Array =>
  Float64Array.from(part.episodes, episode => episode.return)

const stepsOf = (episodes: TierPart['episodes']): number =>
  episodes.reduce((sum, { length }) => sum + length, 0)

function behaviourText({ source, behaviour, episodes }: TierPart, request: TierRequest): string {
  const { environment, noise } = request
  const measured = `${episodes.length} episodes, mean return ${scored(environment, mean(Float64Array.from(episodes, e => e.return)))}`
  if (behaviour === null) return `uniform random actions: ${measured}`
  const trained = `${behaviour.learner.toUpperCase()} seed ${behaviour.seed}`
  if (source === 'replay') {
    const steps = stepsOf(episodes)
    const medium = steps < behaviour.steps ? ` (its medium checkpoint came after ${behaviour.steps})` : ''
    return `everything that ${trained} lived through in its first ${steps} steps${medium}, exploration included: ${measured}`
  }
  const without = `return without noise ${scored(environment, returnOfBehaviour(behaviour))} over ${behaviour.returns.length} episodes`
  return `${trained} after ${behaviour.steps} steps (${without}), actions with normal noise ${noise}: ${measured}`
}

/** Joints and their speeds at every step, where all episodes have them; undefined where none has or some lack them. */
function statesOf({ robot }: Environment, episodes: readonly LivedEpisode[]): RobotStates | undefined {
  if (robot === undefined) return undefined
  const kept = episodes.flatMap(({ positions, velocities }) =>
    positions === null || velocities === null ? [] : [{ positions, velocities }]
  )
  return kept.length === episodes.length ? joinStates(kept, robot) : undefined
}

/** A tier as a dataset, with a card that says what acted and what it was measured to reach. */
export function tierDataset(
  request: TierRequest,
  parts: readonly TierPart[]
): { readonly description: DatasetDescription; readonly columns: DatasetColumns } {
  const { environment, tier, seed } = request
  const { info } = environment
  const expert = parts.find(part => part.source === 'expert')
  const name = tierName(
    tier,
    environment,
    expert ? mean(returnsOf(expert)) : null,
    expert?.behaviour?.learner
  )
  const builder = new ColumnsBuilder({
    observationSize: environment.observationSize,
    actionSize: actionWidth(environment),
    hasRewards: true
  })
  for (const part of parts)
    for (const { observations, actions: taken, rewards, endReason } of part.episodes)
      builder.add({ observations, actions: taken, rewards, endReason, source: part.source })
  const lived = builder.finish()
  const states = statesOf(
    environment,
    parts.flatMap(part => part.episodes)
  )
  const provenance = {
    tier: name,
    variant: info.title,
    ...Object.fromEntries(parts.map(part => [`behaviour ${part.source}`, behaviourText(part, request)])),
    seed: String(seed)
  }
  return {
    columns: { ...lived, ...(states === undefined ? {} : { states }) },
    description: {
      name: `${environment.id} ${name}`,
      format: 'collected',
      sourceName: `${environment.id} ${name} seed ${seed}`,
      ...spacesOf(environment, lived),
      parents: [],
      provenance
    }
  }
}
