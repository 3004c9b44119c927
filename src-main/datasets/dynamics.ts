/**
 * The dynamics check: recorded steps repeated in simulation. A robot is set to a recorded state, takes the recorded action, and
 * what it then observes is compared with what was recorded; the variant of the environment that repeats the data shows at once,
 * because the variants differ by thousands of times the rounding of the data.
 */
import type { DynamicsCheck, VariantError } from '../../src-preload/contract/datasets.ts'
import { toScalar } from '../../src-preload/contract/values.ts'
import { RandomSequence } from '../base/random.ts'
import type { Environment } from '../environments/environment.ts'
import { transitionsOf } from './build.ts'
import type { DatasetColumns, Episode } from './dataset.ts'
import { dynamicsSentence } from './dynamicsWords.ts'
import { takeSteps, type SampledStep } from './dynamicsSteps.ts'

/** Rows that are stepped, and how many times as many are looked at for them. */
const steppedRows = 1000
const looksEach = 10
/** A variant fits up to this many times the rounding floor ... */
const floorsAllowed = 10
/** ... or this much, which releases of MuJoCo differ by; wrong variants differ by 5e-3 and more. */
const differenceAllowed = 1e-5
/** A variant that differs in contacts alone shows in few rows: nine in ten must be no further off than this. */
const tailAllowed = 1e-2
/** Variants whose medians differ by less than this factor, or only by rounding, are told apart otherwise. */
const alike = 2

export interface DynamicsOptions {
  /** The variant that the file names; it is preferred among those that fit equally. */
  readonly named?: string | null
  /** Rows to step. */
  readonly rows?: number
  readonly seed?: number
  /** Called before each variant. */
  readonly progress?: (done: number, total: number) => Promise<void>
}

interface Tried {
  readonly environment: Environment
  readonly steps: Steps
  readonly error: VariantError
}
type Steps = ReturnType<typeof takeSteps>

/**
 * Steps every candidate from recorded states.
 * @param candidates of {@link dynamicsCandidates}; at least one
 * @throws UserError('unsupported') when simulation cannot be loaded here
 */
export async function checkDynamics(
  columns: DatasetColumns,
  candidates: readonly Environment[],
  options: DynamicsOptions = {}
): Promise<DynamicsCheck> {
  const { named = null, rows = steppedRows, seed = 0, progress = () => Promise.resolve() } = options
  const sample = sampleOf(columns, rows * looksEach, seed)
  const dimensions = Math.min(columns.observationSize, ...candidates.map(one => one.observationSize))
  const tried: Tried[] = []
  for (const environment of candidates) {
    await progress(tried.length, candidates.length)
    await environment.prepare?.()
    const steps = takeSteps(columns, environment, sample, dimensions, { limit: rows })
    tried.push({ environment, steps, error: errorOf(environment, steps) })
  }
  const best = bestOf(tried, columns, named)
  const floor = floorOf(columns, best.environment, sample.slice(0, best.steps.rows), dimensions, seed)
  const { errors, clipped, withoutNext, nonFinite } = best.steps
  // Without a compared row every comparison is with NaN, and nothing fits.
  const fits = (one: Tried) =>
    quantile(one.steps.errors, 0.5) <= Math.max(floorsAllowed * floor, differenceAllowed) &&
    quantile(one.steps.errors, 0.9) <= Math.max(floorsAllowed * floor, tailAllowed)
  const result = {
    source: columns.states === undefined ? ('observations' as const) : ('states' as const),
    rows: best.steps.rows,
    compared: errors.length,
    skipped: { clipped, withoutNext, nonFinite },
    dimensions,
    floor: toScalar(floor),
    variants: tried.map(one => ({ ...one.error, fits: fits(one) })),
    fits: fits(best) ? best.environment.id : null
  }
  return { ...result, sentence: dynamicsSentence(result, best.environment.id) }
}

/** The part of an id before its version: `hopper` of `hopper-v4`; the whole id where it has none. */
const stemOf = (id: string): string => id.replace(/-v\d+$/, '')

/**
 * Simulated robots that may have recorded these columns: those of equal sizes, and the other variants of the same robots.
 * Empty where there is nothing to check.
 */
export function dynamicsCandidates(
  columns: Pick<DatasetColumns, 'observationSize' | 'actionSize' | 'states'>,
  environments: readonly Environment[],
  named: string | null = null
): readonly Environment[] {
  const { states } = columns
  const robots = environments.filter(
    ({ robot, actions, id }) =>
      robot !== undefined &&
      actions.kind === 'continuous' &&
      actions.size === columns.actionSize &&
      // dense rewards move as sparse ones do
      (!id.endsWith('-dense') || id === named) &&
      (states === undefined ||
        (robot.positionSize === states.positionSize && robot.velocitySize === states.velocitySize))
  )
  const sized = robots.filter(one => one.observationSize === columns.observationSize || one.id === named)
  const stems = new Set(sized.map(one => stemOf(one.id)))
  // A name says which robot it is; sizes alone may fit several.
  const kept = named !== null && stems.has(stemOf(named)) ? new Set([stemOf(named)]) : stems
  const family = robots.filter(one => kept.has(stemOf(one.id)))
  return family.length > 0 || states === undefined ? family : robots
}

/** Rows drawn without repetition, in the order in which they were drawn. */
function sampleOf(columns: DatasetColumns, wanted: number, seed: number): readonly SampledStep[] {
  const total = transitionsOf(columns)
  const random = new RandomSequence(seed, 'dynamics/rows')
  const rows = new Set<number>()
  if (total <= wanted)
    random.shuffle(Array.from({ length: total }, (_, row) => row)).forEach(row => rows.add(row))
  while (rows.size < Math.min(wanted, total)) rows.add(random.integer(total))
  return Array.from(rows, row => stepAt(columns.episodes, row))
}

/** The transition of a row, its episode found by halving. */
function stepAt(episodes: readonly Episode[], row: number): SampledStep {
  let [low, high] = [0, episodes.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (episodes[middle].firstRow <= row) low = middle
    else high = middle - 1
  }
  const { firstRow, firstObservation, length, hasFinalObservation } = episodes[low]
  const last = row === firstRow + length - 1
  return { row, observation: firstObservation + row - firstRow, hasNext: !last || hasFinalObservation }
}

function errorOf({ id, info }: Environment, steps: Steps): VariantError {
  const scored = info.domain === 'locomotion' && steps.rewardErrors.length > 0
  const of = (values: readonly number[], share: number) => toScalar(quantile(values, share))
  return {
    environmentId: id,
    title: info.title,
    median: of(steps.errors, 0.5),
    p90: of(steps.errors, 0.9),
    maximum: of(steps.errors, 1),
    rewardMedian: scored ? of(steps.rewardErrors, 0.5) : null,
    rewardMaximum: scored ? of(steps.rewardErrors, 1) : null,
    fits: false
  }
}

/** The element below which a share of the values lies; NaN of none. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted.length === 0 ? NaN : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
}

/** The lowest median; among equals the named one, then equal observations, then the smallest error of the rewards. */
function bestOf(tried: readonly Tried[], columns: DatasetColumns, named: string | null): Tried {
  const near = (among: readonly Tried[], share: number) => {
    const at = (one: Tried) => quantile(one.steps.errors, share)
    const lowest = Math.min(...among.map(at))
    return among.filter(one => at(one) <= alike * lowest + Number.EPSILON)
  }
  const equal = near(near(tried, 0.5), 0.9)
  const rank = (one: Tried): readonly number[] => [
    one.environment.id === named ? 0 : 1,
    one.environment.observationSize === columns.observationSize ? 0 : 1,
    quantile(one.steps.rewardErrors, 0.5)
  ]
  const before = (a: readonly number[], b: readonly number[]): boolean => {
    const at = a.findIndex((value, i) => value !== b[i] && !Number.isNaN(value))
    return at >= 0 && a[at] < b[at]
  }
  return (equal.length > 0 ? equal : tried).reduce((best, one) =>
    before(rank(one), rank(best)) ? one : best
  )
}

/** Median change of what is observed after a step when every stored number of the state moves by half a unit in its last place. */
function floorOf(
  columns: DatasetColumns,
  environment: Environment,
  sample: readonly SampledStep[],
  dimensions: number,
  seed: number
): number {
  const random = new RandomSequence(seed, 'dynamics/rounding')
  const options = { limit: Infinity, keep: true }
  const own = takeSteps(columns, environment, sample, dimensions, options)
  const moved = takeSteps(columns, environment, sample, dimensions, { ...options, random })
  const changes = own.observed.map((row, i) => {
    const other = moved.observed[i]
    return row.reduce((most, value, d) => Math.max(most, Math.abs(value - other[d]), halfUlp32(value)), 0)
  })
  return quantile(changes, 0.5)
}

/** Half the distance of float32 numbers near a value: observations are stored so. */
function halfUlp32(value: number): number {
  return value === 0 ? 0 : 2 ** (Math.floor(Math.log2(Math.abs(value))) - 24)
}
