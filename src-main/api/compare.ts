import { setImmediate as turn } from 'node:timers/promises'
import type { compareContract } from '../../src-preload/contract/compare.ts'
import type { GroupHandlers } from '../../src-preload/contract/define.ts'
import type { Run } from '../../src-preload/contract/runs.ts'
import { fromScalar } from '../../src-preload/contract/values.ts'
import { algorithmInfo, algorithms } from '../algorithms/index.ts'
import { environmentById } from '../environments/index.ts'
import { chooseReference } from '../evaluation/scores.ts'
import { publishedDataset, publishedScores } from '../evaluation/publishedScores.ts'
import { compareRuns, type ComparedRun } from '../evaluation/comparison.ts'
import { getDataset } from '../store/datasets.ts'
import { listEvaluations } from '../store/evaluations.ts'
import { getRuns } from '../store/runs.ts'
import type { Services } from './services.ts'

/** Answers `compare.*`. */
export const compareHandlers = (services: Services): GroupHandlers<typeof compareContract> => ({
  compare: async ({ runIds }) => {
    const { db } = services.store
    const runs = getRuns(db, [...new Set(runIds)])
    const datasets = [...new Set(runs.map(run => run.datasetId))].map(id => getDataset(db, id))
    const all: ComparedRun[] = []
    for (const run of runs) {
      all.push(compared(services, run))
      // Many runs must not hold up everything else.
      await turn()
    }
    return compareRuns({ runs: all, datasets, titleOf })
  },
  published: ({ datasetIds }) =>
    [...new Set(datasetIds)].flatMap(datasetId => {
      const found = publishedDataset(getDataset(services.store.db, datasetId))
      if (found === null) return []
      return publishedScores(found.name).map(score => ({ datasetId, same: found.same, ...score }))
    })
})

function compared(services: Services, run: Run): ComparedRun {
  const { db } = services.store
  const last = listEvaluations(db, run.id).at(-1)
  const environment = run.environmentId === null ? undefined : environmentById(run.environmentId)
  return {
    run,
    finalLength: last === undefined ? null : fromScalar(last.meanLength),
    scoreReference: chooseReference(getDataset(db, run.datasetId), environment?.info ?? null)
  }
}

/** Title of a setting as its form shows it; its name where no form has it. */
function titleOf(algorithm: string, field: string): string {
  const info = algorithms.find(({ id }) => id === algorithm)
  return (info && algorithmInfo(info).fields.find(({ name }) => name === field)?.title) ?? field
}
