import { RandomSequence } from '../base/random.ts'
import type { Environment, RobotParts } from '../environments/environment.ts'
import type { DatasetColumns } from './dataset.ts'

/** A transition: its row in actions and rewards, and the row of its observation, which the next one follows. */
export interface SampledStep {
  readonly row: number
  readonly observation: number
  readonly hasNext: boolean
}

export interface StepErrors {
  /** Of each step that was taken: the largest difference over the compared dimensions; infinite where simulation fails. */
  readonly errors: readonly number[]
  /** Of the rewards; empty without rewards. */
  readonly rewardErrors: readonly number[]
  /** Rows looked at, and those of them that were left out. */
  readonly rows: number
  readonly clipped: number
  readonly nonFinite: number
  readonly withoutNext: number
  /** With `keep`: what was observed after each step, [dimensions] each. */
  readonly observed: readonly Float32Array[]
}

interface StepOptions {
  /** Steps after which no more rows are looked at. */
  readonly limit: number
  readonly keep?: boolean
  /** Moves every number of the state by half a unit in its last place, up or down. */
  readonly random?: RandomSequence
}

type Skip = 'clipped' | 'nonFinite' | 'withoutNext'

/** Takes one step from each sampled state, as far as its row allows. */
export function takeSteps(
  columns: DatasetColumns,
  environment: Environment,
  sample: readonly SampledStep[],
  dimensions: number,
  options: StepOptions
): StepErrors {
  const { actionSize, actions, rewards } = columns
  const robot = environment.robot!
  const state = new Float64Array(environment.stateSize)
  const after = new Float32Array(environment.observationSize)
  const unused = new RandomSequence(0, 'dynamics/step')
  const result = { errors: [] as number[], rewardErrors: [] as number[], observed: [] as Float32Array[] }
  const skipped = { clipped: 0, nonFinite: 0, withoutNext: 0 }
  let rows = 0
  for (const step of sample) {
    if (result.errors.length === options.limit) break
    rows++
    const skip = whyNot(columns, robot, step, dimensions, state)
    if (skip !== null) {
      skipped[skip]++
      continue
    }
    // What is left out follows from the recorded numbers, not from the moved ones.
    if (options.random !== undefined) writeState(columns, robot, step.observation, state, options.random)
    const action = actions.subarray(step.row * actionSize, (step.row + 1) * actionSize)
    const { reward } = environment.step(state, action, unused)
    environment.observe(state, after)
    result.errors.push(largestGap(after, nextOf(columns, step, dimensions)))
    if (rewards.length > 0) result.rewardErrors.push(finite(Math.abs(reward - rewards[step.row])))
    if (options.keep === true) result.observed.push(after.slice(0, dimensions))
  }
  return { ...result, ...skipped, rows }
}

function nextOf({ observations, observationSize }: DatasetColumns, step: SampledStep, dimensions: number) {
  const at = (step.observation + 1) * observationSize
  return observations.subarray(at, at + dimensions)
}

/** Writes the state of a row, or says why it cannot be stepped. */
function whyNot(
  columns: DatasetColumns,
  robot: RobotParts,
  step: SampledStep,
  dimensions: number,
  state: Float64Array
): Skip | null {
  if (!step.hasNext) return 'withoutNext'
  const { actions, actionSize } = columns
  const action = actions.subarray(step.row * actionSize, (step.row + 1) * actionSize)
  const known = writeState(columns, robot, step.observation, state)
  if (known !== 'known') return known
  return action.every(Number.isFinite) && nextOf(columns, step, dimensions).every(Number.isFinite)
    ? null
    : 'nonFinite'
}

const finite = (value: number): number => (Number.isNaN(value) ? Infinity : value)

function largestGap(a: Float32Array, b: Float32Array): number {
  let most = 0
  for (let i = 0; i < b.length; i++) most = Math.max(most, finite(Math.abs(a[i] - b[i])))
  return most
}

type Known = 'known' | 'clipped' | 'nonFinite'

/** Sets a robot to the recorded state of a row: its own columns where there are, else what the observation shows. */
function writeState(
  { states, observations, observationSize }: DatasetColumns,
  robot: RobotParts,
  row: number,
  state: Float64Array,
  random?: RandomSequence
): Known {
  if (states === undefined) {
    const seen = moved(observations.subarray(row * observationSize, (row + 1) * observationSize), random)
    if (!seen.every(Number.isFinite)) return 'nonFinite'
    return robot.setStateFromObservation(seen, state) ? 'known' : 'clipped'
  }
  const { positionSize, velocitySize, positions, velocities } = states
  const qpos = moved(positions.subarray(row * positionSize, (row + 1) * positionSize), random)
  const qvel = moved(velocities.subarray(row * velocitySize, (row + 1) * velocitySize), random)
  if (!qpos.every(Number.isFinite) || !qvel.every(Number.isFinite)) return 'nonFinite'
  robot.setState(qpos, qvel, state)
  return 'known'
}

/** The values, or each moved by half a unit in the last place of its type. */
function moved(values: Float32Array | Float64Array, random: RandomSequence | undefined): Float64Array {
  const bits = values instanceof Float32Array ? 24 : 53
  const half = (value: number) => (value === 0 ? 0 : 2 ** (Math.floor(Math.log2(Math.abs(value))) - bits))
  return Float64Array.from(values, value =>
    random === undefined ? value : value + (random.uniform() < 0.5 ? -1 : 1) * half(value)
  )
}
