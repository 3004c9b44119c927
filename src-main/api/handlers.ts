import type { Handlers } from '../../src-preload/contract/define.ts'
import type { StitchworkContract } from '../../src-preload/contract/index.ts'
import { algorithmsHandlers, environmentsHandlers } from './algorithms.ts'
import { appHandlers } from './app.ts'
import { collectHandlers } from './collect.ts'
import { compareHandlers } from './compare.ts'
import { datasetsHandlers, importsHandlers } from './datasets.ts'
import { enginesHandlers } from './engines.ts'
import { evaluationsHandlers } from './evaluations.ts'
import { filesHandlers } from './files.ts'
import { metricsHandlers } from './metrics.ts'
import { runsHandlers } from './runs.ts'
import type { Services } from './services.ts'

/** The whole contract answered, for every host alike. */
export const createHandlers = (services: Services): Handlers<StitchworkContract> => ({
  app: appHandlers(services),
  files: filesHandlers(services),
  datasets: datasetsHandlers(services),
  imports: importsHandlers(services),
  collect: collectHandlers(services),
  algorithms: algorithmsHandlers(services),
  environments: environmentsHandlers(),
  runs: runsHandlers(services),
  metrics: metricsHandlers(services),
  evaluations: evaluationsHandlers(services),
  compare: compareHandlers(services),
  engines: enginesHandlers(services)
})
