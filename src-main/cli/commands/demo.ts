import type { AlgorithmInfo } from '../../../src-preload/contract/algorithms.ts'
import type { Dataset } from '../../../src-preload/contract/datasets.ts'
import { invariant } from '../../base/errors.ts'
import { waitFor, withSession, type CommandContext } from '../command.ts'
import { exitCodes } from '../exitCodes.ts'
import type { PlanRequest } from '../plan.ts'
import { isBad, waitForRuns } from '../watch.ts'
import { describeComparison } from './compare.ts'
import { show } from './import.ts'
import { startPlan } from './train.ts'

const recipe = 'crossroads'
const seeds = [0, 1, 2]
/** What the demonstration compares: imitation, filtered imitation, and three ways to weigh by advantage. */
const shown = ['bc', 'filteredBc', 'awr', 'awac', 'iql']

/**
 * `demo`: makes the Crossroads demonstrations, trains the five algorithms over three seeds, and prints the comparison.
 * @returns the exit code
 */
export function demoCommand(context: CommandContext, steps: number | undefined): Promise<number> {
  return withSession(context, async session => {
    context.output.note('making the Crossroads demonstrations')
    const made = session.client.datasets.make({ recipe, seed: 0 }, context.signal)
    const dataset = await waitFor(made, context.signal, item => show(context, item, 'imported'))
    const plan = demoPlan(dataset, await session.client.algorithms.list({}), steps)
    const { runIds: ids } = await startPlan(context, session, plan)
    const done = await waitForRuns(context, session, ids)
    const comparison = await session.client.compare.compare({ runIds: ids })
    context.output.result({ dataset, runs: done, comparison }, describeComparison(comparison))
    context.output.note(
      '`npm start` shows the curves and the rollouts; in Compare, choose the Crossroads demonstration'
    )
    return done.some(isBad) ? exitCodes.runFailed : exitCodes.ok
  })
}

/** The demonstration's plan: each algorithm with its preset for teaching environments. */
function demoPlan(
  dataset: Dataset,
  algorithms: readonly AlgorithmInfo[],
  steps: number | undefined
): PlanRequest {
  const chosen = shown.map(id => {
    const info = algorithms.find(candidate => candidate.id === id)
    invariant(info !== undefined, `the demonstration needs the algorithm ${id}`)
    const preset = info.presets.find(candidate => candidate.domain === 'teaching')
    const length = steps === undefined ? {} : { gradientSteps: steps }
    return { algorithm: id, config: { ...preset?.config, ...length }, label: info.shortTitle }
  })
  return {
    name: 'Crossroads demonstration',
    datasets: [dataset.id],
    algorithms: chosen,
    seeds,
    engine: 'auto',
    threads: 0,
    precision: 'float32'
  }
}
