import type { algorithmsContract, environmentsContract } from '../../src-preload/contract/algorithms.ts'
import type { GroupHandlers } from '../../src-preload/contract/define.ts'
import { algorithmById, algorithmInfo, algorithms } from '../algorithms/index.ts'
import { checkConfig } from '../algorithms/validate.ts'
import { environmentById, environments } from '../environments/index.ts'
import { getDataset } from '../store/datasets.ts'
import { dataProblems } from '../training/plan.ts'
import type { Services } from './services.ts'

/** Answers `algorithms.*`. */
export const algorithmsHandlers = (services: Services): GroupHandlers<typeof algorithmsContract> => ({
  list: () => algorithms.map(algorithmInfo),
  validate: ({ algorithm: id, config, datasetId }) => {
    const algorithm = algorithmById(id)
    const checked = checkConfig(algorithm, config)
    const complete = checked.config ?? { ...algorithm.schema.parse({}), ...config }
    const lacking =
      datasetId === null || checked.config === null
        ? []
        : dataProblems(algorithm, checked.config, getDataset(services.store.db, datasetId))
    return {
      config: { ...complete },
      problems: [...checked.problems, ...lacking.map(text => ({ field: null, text }))]
    }
  }
})

/** Answers `environments.*`. */
export const environmentsHandlers = (): GroupHandlers<typeof environmentsContract> => ({
  list: () => environments.map(environment => environment.info),
  scene: ({ environmentId }) => environmentById(environmentId)?.robot?.scene ?? null
})
