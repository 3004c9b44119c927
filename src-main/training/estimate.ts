import type { EngineInfo } from '../../src-preload/contract/app.ts'
import type { Plan, Run } from '../../src-preload/contract/runs.ts'
import type { SharedConfig } from '../algorithms/config.ts'
import { algorithmById } from '../algorithms/index.ts'
import { environmentById } from '../environments/index.ts'
import { getDataset } from '../store/datasets.ts'
import { seriesFacts } from '../store/metrics.ts'
import { listRuns, type NewRun } from '../store/runs.ts'
import type { ReadableDb } from '../store/sql.ts'
import { expandPlan } from './plan.ts'
import { threadsFor } from './queue.ts'
import { keptRolloutBytes } from './rolloutSchedule.ts'
import { sizeOfRun } from './runSize.ts'
import type { PlanEstimate, SupervisorDependencies } from './supervisorInterface.ts'

type Sources = Pick<SupervisorDependencies, 'db' | 'chooser' | 'cores'>

/**
 * How long a plan would take, judged by the speed of earlier runs of the same algorithm, network and batch size; where there are
 * none, by the measurements from which engines are chosen.
 * @param slots runs that train side by side
 */
export function estimatePlan(
  { db, chooser, cores }: Sources,
  plan: Plan,
  slots: number,
  engines: readonly EngineInfo[]
): PlanEstimate {
  const { runs, problems } = expandPlan(db, plan, engines)
  const shown = problems.map(({ algorithm, field, text }) => ({ algorithm, field, text }))
  const count = plan.datasets.length * plan.algorithms.length * plan.seeds.length
  if (problems.length > 0)
    return {
      runs: count,
      seconds: null,
      basis: 'The plan cannot start yet.',
      rolloutBytes: 0,
      problems: shown
    }
  const rolloutBytes = runs.reduce((sum, run) => sum + rolloutBytesOf(run), 0)
  const earlier = listRuns(db, true)
  const speeds = new Map<string, number | null>()
  const measured = (run: Omit<NewRun, 'experimentId'>): number | null => {
    const threads = run.threadsWanted > 0 ? run.threadsWanted : threadsFor(cores, slots, count)
    const size = sizeOfRun(run, getDataset(db, run.datasetId), threads)
    return chooser?.knownSpeed(size, run.engineWanted, run.precision) ?? null
  }
  let fromMeasurements = false
  const seconds = runs.map(run => {
    const shape = shapeOf(run)
    if (!speeds.has(shape)) speeds.set(shape, speedOf(db, earlier, shape))
    const speed = speeds.get(shape) ?? measured(run)
    fromMeasurements ||= speeds.get(shape) == null
    return speed ? run.totalSteps / speed : null
  })
  const unknown = new Set(runs.filter((_, i) => seconds[i] === null).map(({ algorithm }) => algorithm))
  if (unknown.size > 0) {
    const titles = [...unknown].map(id => algorithmById(id).shortTitle)
    const basis = `No time is known yet: this machine has not trained ${titles.join(', ')} with such a network.`
    return { runs: count, seconds: null, basis, rolloutBytes, problems: shown }
  }
  const total = seconds.reduce<number>((sum, value) => sum + (value ?? 0), 0)
  const parallel = Math.min(slots, runs.length)
  const source = fromMeasurements
    ? 'From measurements of the engines on this machine'
    : 'From the measured speed of earlier runs'
  const basis = `${source}; ${parallel} at a time, evaluation not counted.`
  return { runs: count, seconds: total / parallel, basis, rolloutBytes, problems: shown }
}

const rolloutBytesOf = ({ config, environmentId }: Pick<NewRun, 'config' | 'environmentId'>): number =>
  environmentId === null ? 0 : keptRolloutBytes(config as SharedConfig, environmentById(environmentId))

type Shaped = Pick<NewRun | Run, 'algorithm' | 'config'>

/** What the speed of a run mostly depends on. */
const shapeOf = ({ algorithm, config }: Shaped): string =>
  JSON.stringify([algorithm, config.hiddenSizes, config.batchSize])

/** Steps a second of the newest earlier run of a shape; null without one. */
function speedOf(db: ReadableDb, earlier: readonly Run[], shape: string): number | null {
  for (const run of earlier) {
    if (shapeOf(run) !== shape) continue
    const speed = seriesFacts(db, run.id).find(({ key }) => key === 'time/stepsPerSecond')?.lastValue
    if (speed !== undefined && speed > 0) return speed
  }
  return null
}
