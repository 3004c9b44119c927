import { RandomSequence } from '../../base/random.ts'
import type { StoredTensors } from '../../base/safetensors.ts'
import { actionWidth } from '../../environments/environment.ts'
import type { Environment } from '../../environments/environment.ts'
import { concatenated } from '../arrays.ts'
import { Lane } from '../lanes.ts'
import type { LivedEpisode } from '../lanes.ts'
import { placeOf, savedLanes } from '../lanesSaved.ts'
import { line } from '../learning.ts'
import { normaliseRows, RunningMoments, scaleOf } from '../runningMoments.ts'
import type { ObservationScale } from '../runningMoments.ts'
import { generalisedAdvantages } from './advantages.ts'
import type { LaneSteps } from './advantages.ts'
import type { PpoSettings } from './settings.ts'

/** Mean actions and values of normalised observations, one row a lane. */
export type Act = (observations: Float32Array) => Promise<{ actions: Float32Array; values: Float32Array }>

/** The columns that an update trains on, row-major. */
export interface RolloutColumns {
  readonly observations: Float32Array
  readonly actions: Float32Array
  readonly logLikelihoods: Float32Array
  readonly advantages: Float32Array
  readonly targets: Float32Array
}

interface LaneRecord extends LaneSteps {
  readonly observations: Float32Array
  readonly actions: Float32Array
  readonly logLikelihoods: Float32Array
}

const emptyRecord = (steps: number, observationSize: number, actionSize: number): LaneRecord => ({
  observations: new Float32Array(steps * observationSize),
  actions: new Float32Array(steps * actionSize),
  logLikelihoods: new Float32Array(steps),
  rewards: new Float32Array(steps),
  values: new Float32Array(steps),
  nextValues: new Float32Array(steps),
  ended: new Uint8Array(steps),
  terminated: new Uint8Array(steps)
})

/** A draw from N(mean, exp(logStd)) and its log-likelihood. */
function draw(mean: Float32Array, logStd: Float32Array, random: RandomSequence, out: Float32Array): number {
  let likelihood = 0
  for (let i = 0; i < out.length; i++) {
    const z = random.normal()
    out[i] = mean[i] + Math.exp(logStd[i]) * z
    likelihood += -0.5 * z * z - logStd[i] - 0.5 * Math.log(2 * Math.PI)
  }
  return likelihood
}

/**
 * The environments that a PPO run lives in, and what it has learned of the scale of observations and rewards. Rewards are divided
 * by the running deviation of the discounted return and clipped to +-10.
 */
export class Rollouts {
  readonly #lanes: readonly Lane[]
  readonly #sizes: { readonly observation: number; readonly action: number }
  readonly #settings: PpoSettings
  readonly #noise: RandomSequence
  readonly #discounted: Float64Array
  readonly observationMoments: RunningMoments
  readonly #returnMoments: RunningMoments

  /** @param saved what `save` gave */
  constructor(environment: Environment, settings: PpoSettings, seed: number, saved?: StoredTensors) {
    const doubles = (name: string) => saved?.[name].data as Float64Array | undefined
    this.#sizes = { observation: environment.observationSize, action: actionWidth(environment) }
    this.#settings = settings
    this.#noise = new RandomSequence(seed, 'collect/noise', doubles('noise')?.[0])
    this.#lanes = Array.from(
      { length: settings.lanes },
      (_, index) => new Lane(environment, seed, `collect/lane/${index}`, saved && placeOf(saved, index))
    )
    this.#discounted = doubles('discounted')?.slice() ?? new Float64Array(settings.lanes)
    this.observationMoments = new RunningMoments(environment.observationSize, doubles('moments/observations'))
    this.#returnMoments = new RunningMoments(1, doubles('moments/return'))
  }

  /** Everything that the next rollout depends on but the networks. */
  save(): StoredTensors {
    return {
      noise: line(Float64Array.of(this.#noise.position)),
      discounted: line(this.#discounted.slice()),
      'moments/observations': line(this.observationMoments.save()),
      'moments/return': line(this.#returnMoments.save()),
      ...savedLanes(this.#lanes)
    }
  }

  /** Normalised observations of all lanes, [lanes, O]. */
  #observe(scale: ObservationScale): Float32Array {
    const rows = new Float32Array(this.#lanes.length * this.#sizes.observation)
    this.#lanes.forEach((lane, index) => rows.set(lane.observation, index * this.#sizes.observation))
    return normaliseRows(scale, rows)
  }

  /**
   * Lives `rolloutSteps` steps.
   * @param logStd [A]
   * @param onEpisode told of each episode that ends
   */
  async collect(
    act: Act,
    logStd: Float32Array,
    onEpisode: (episode: LivedEpisode) => void
  ): Promise<RolloutColumns> {
    const { lanes: count, rolloutSteps, discount, lambda } = this.#settings
    const steps = Math.ceil(rolloutSteps / count)
    const { observation, action } = this.#sizes
    const records = this.#lanes.map(() => emptyRecord(steps, observation, action))
    for (let t = 0; t < steps; t++) await this.#step(t, records, act, logStd, onEpisode)
    const { values } = await act(this.#observe(scaleOf(this.observationMoments)))
    records.forEach((record, lane) => {
      if (record.ended[steps - 1] === 0) record.nextValues[steps - 1] = values[lane]
    })
    return joined(
      records,
      records.map(record => generalisedAdvantages(record, discount, lambda))
    )
  }

  async #step(
    t: number,
    records: readonly LaneRecord[],
    act: Act,
    logStd: Float32Array,
    onEpisode: (episode: LivedEpisode) => void
  ): Promise<void> {
    const { observation: width, action: size } = this.#sizes
    for (const lane of this.#lanes) this.observationMoments.add(lane.observation)
    const scale = scaleOf(this.observationMoments)
    const rows = this.#observe(scale)
    const { actions, values } = await act(rows)
    const truncated: number[] = []
    const ended: LivedEpisode[] = []
    this.#lanes.forEach((lane, index) => {
      const record = records[index]
      record.observations.set(rows.subarray(index * width, (index + 1) * width), t * width)
      const action = record.actions.subarray(t * size, (t + 1) * size)
      const mean = actions.subarray(index * size, (index + 1) * size)
      record.logLikelihoods[t] = draw(mean, logStd, this.#noise, action)
      record.values[t] = values[index]
      const { reward, ended: episode } = lane.step(action)
      record.rewards[t] = this.#scaledReward(index, reward, episode !== null)
      if (episode === null) return
      record.ended[t] = 1
      record.terminated[t] = episode.endReason === 'terminated' ? 1 : 0
      if (episode.endReason === 'truncated') truncated.push(index)
      ended.push(episode)
    })
    if (truncated.length > 0) {
      const last = await act(this.#observe(scale))
      for (const index of truncated) records[index].nextValues[t] = last.values[index]
    }
    this.#lanes.forEach((lane, index) => {
      if (records[index].ended[t] === 1) lane.restart()
    })
    ended.forEach(onEpisode)
  }

  #scaledReward(lane: number, reward: number, ended: boolean): number {
    this.#discounted[lane] = this.#settings.discount * this.#discounted[lane] + reward
    this.#returnMoments.add([this.#discounted[lane]])
    if (ended) this.#discounted[lane] = 0
    const scaled = reward / this.#returnMoments.deviation()[0]
    return Math.min(Math.max(scaled, -10), 10)
  }
}

const joined = (
  records: readonly LaneRecord[],
  advantages: readonly { readonly advantages: Float32Array; readonly targets: Float32Array }[]
): RolloutColumns => ({
  observations: concatenated(records.map(record => record.observations)),
  actions: concatenated(records.map(record => record.actions)),
  logLikelihoods: concatenated(records.map(record => record.logLikelihoods)),
  advantages: concatenated(advantages.map(part => part.advantages)),
  targets: concatenated(advantages.map(part => part.targets))
})
