import type { EngineInfo } from '../../src-preload/contract/app.ts'
import type { Run, SeedsInOneGraph } from '../../src-preload/contract/runs.ts'
import { algorithms } from '../algorithms/index.ts'
import { sameBitsInAnyStack } from '../compute/stacked/sameBits.ts'
import { configFields } from '../algorithms/fields.ts'

/** Most runs in one graph: 32 of two layers of 256 take some 1 GB while they train. */
const mostLanes = 32

/** What is asked of a queued run besides what it says itself. */
export interface Wanted {
  readonly engine: string
  readonly threads: number
  readonly seedsInOneGraph: SeedsInOneGraph
}

/** Runs that start as one process; one that is not `stacked` trains by itself. */
export interface Unit {
  /** The one that comes first in the queue. */
  readonly first: Run
  /** In an order that does not depend on the queue's, because on some engines a run's place decides its bits. */
  readonly runs: readonly Run[]
  readonly stacked: boolean
}

/**
 * The queue as it will be started. Runs of one experiment that differ in seed or in numbers of the method, and are at the same step,
 * train in one graph where that is wanted. A run that began so goes on so, because its bits depend on it.
 * @param queued in the order of the queue
 * @param onGpu whether a run will compute on a graphics device, as far as that is known
 */
export function unitsOf(
  queued: readonly Run[],
  wantedOf: (run: Run) => Wanted,
  onGpu: (run: Run) => boolean
): Unit[] {
  const alike: { readonly runs: Run[]; readonly key: string }[] = []
  for (const run of queued) {
    const wanted = wantedOf(run)
    const key = mayStack(run, wanted) ? keyOf(run, wanted) : run.id
    const open = alike.find(unit => unit.key === key && unit.runs.length < mostLanes)
    if (open) open.runs.push(run)
    else alike.push({ runs: [run], key })
  }
  return alike.flatMap(({ runs }): Unit[] => {
    const began = hasLanes(runs[0])
    const wanted = began || wantedOf(runs[0]).seedsInOneGraph === 'on' || onGpu(runs[0])
    // By itself a run takes two places of a graph: worth it where that keeps its bits.
    const alone = began && sameBitsInAnyStack(runs[0].engine!.id)
    if (runs.length > 1 ? wanted : alone)
      return [{ first: runs[0], runs: runs.toSorted(inPlace), stacked: true }]
    return runs.map(run => ({ first: run, runs: [run], stacked: false }))
  })
}

const inPlace = (a: Run, b: Run): number =>
  a.seed - b.seed || (JSON.stringify(a.config) < JSON.stringify(b.config) ? -1 : 1)

const hasLanes = ({ engine }: Run): boolean => engine?.lanes !== undefined

const mayStack = (run: Run, { seedsInOneGraph }: Wanted): boolean =>
  hasLanes(run) || (run.engine === null && seedsInOneGraph !== 'off')

/** Equal for runs that one graph can train. */
function keyOf(run: Run, { engine, threads }: Wanted): string {
  const { experimentId, datasetId, environmentId, algorithm, precision } = run
  const step = run.startedAt === null ? 0 : (run.progress.lastCheckpointStep ?? 0)
  const common = { experimentId, datasetId, environmentId, algorithm, precision, engine, threads, step }
  return JSON.stringify([
    common,
    run.engine && { ...run.engine, lanes: undefined, execution: undefined },
    fixedSettings(run)
  ])
}

/** The settings that lanes must have in common: all but the numbers of the method, such as rates and weights. */
function fixedSettings({ algorithm, config }: Run): [string, unknown][] {
  return Object.entries(config)
    .filter(([name]) => !numbersOf(algorithm).has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

const known = new Map<string, ReadonlySet<string>>()

function numbersOf(id: string): ReadonlySet<string> {
  const schema = algorithms.find(algorithm => algorithm.id === id)?.schema
  const fields = known.has(id) || schema === undefined ? [] : configFields(schema)
  const numbers = fields.filter(
    ({ kind, section }) => kind === 'number' && (section === 'algorithm' || section === 'training')
  )
  const names = known.get(id) ?? new Set(numbers.map(({ name }) => name))
  known.set(id, names)
  return names
}

/** Whether an engine computes on a graphics device, from what is known of the engines. */
export const computesOnGpu = (infos: readonly EngineInfo[], engine: string): boolean =>
  infos.find(({ id }) => id === engine)?.device.startsWith('GPU') ?? false
