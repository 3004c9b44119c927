/** A main process with one long run, which tells its parent when points are stored, and is then killed by the test. */
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import { lineLog } from '../../../src-main/base/log.ts'
import { describeEngines } from '../../../src-main/compute/index.ts'
import { homeAt } from '../../../src-main/store/home.ts'
import { seriesFacts } from '../../../src-main/store/metrics.ts'
import { openStore } from '../../../src-main/store/open.ts'
import { createSupervisor } from '../../../src-main/training/supervisor.ts'
import { planFor } from '../../main/training/support.ts'

/** What the parent hears: the trainer's process id, then the last stored step after each commit. */
export type FromHost = { readonly pid: number } | { readonly runId: string } | { readonly stored: number }

const [folder, datasetId] = process.argv.slice(2)
const tell = (message: FromHost): void => void process.send?.(message)
const store = openStore(homeAt(folder))
const nothing = (): void => undefined
const supervisor = createSupervisor({
  ...{ db: store.db, home: store.home, cores: 1, engines: describeEngines, log: lineLog(nothing) },
  changes: {
    ...{ runsChanged: nothing, runsRemoved: nothing },
    pointsAppended: runId => {
      const loss = seriesFacts(store.db, runId).find(({ key }) => key === 'train/actorLoss')
      if (loss) tell({ stored: loss.lastStep })
    },
    ...{ evaluationAdded: nothing, logAppended: nothing }
  },
  processes: {
    start: (...of) => {
      const child = nodeProcessHost().start(...of)
      tell({ pid: child.pid! })
      return child
    }
  }
})
const { runIds } = await supervisor.create(
  planFor(datasetId, { gradientSteps: 1_000_000, logEvery: 1, checkpointEvery: 100 })
)
tell({ runId: runIds[0] })
