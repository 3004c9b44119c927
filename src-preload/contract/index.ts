import { collectContract } from './collect.ts'
import { algorithmsContract, environmentsContract } from './algorithms.ts'
import { appContract } from './app.ts'
import { compareContract } from './compare.ts'
import { datasetsContract, importsContract } from './datasets.ts'
import { enginesContract } from './engines.ts'
import { evaluationsContract } from './evaluations.ts'
import { filesContract } from './files.ts'
import { metricsContract } from './metrics.ts'
import { runsContract } from './runs.ts'

/** Everything the page may ask of main; both hosts serve exactly this. */
export const contract = {
  app: appContract,
  files: filesContract,
  datasets: datasetsContract,
  imports: importsContract,
  collect: collectContract,
  algorithms: algorithmsContract,
  environments: environmentsContract,
  runs: runsContract,
  metrics: metricsContract,
  evaluations: evaluationsContract,
  compare: compareContract,
  engines: enginesContract
}
export type StitchworkContract = typeof contract
