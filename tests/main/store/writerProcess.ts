/**
 * A process that only writes, to be killed: points of 20 curves, one block a curve and commit, each acknowledged on the
 * channel once it is committed. Arguments: home folder, run id, first step, steps per commit, number of commits (then it waits).
 */
import { homeAt } from '../../../src-main/store/home.ts'
import { MetricWriter } from '../../../src-main/store/metricWriter.ts'
import { openStore } from '../../../src-main/store/open.ts'

const [folder, runId, first, stepsPerCommit, commits] = process.argv.slice(2)
const store = openStore(homeAt(folder))
const writer = new MetricWriter(store.db, {
  onCommitted: () => undefined,
  onError: error => {
    throw error
  }
})
const width = Number(stepsPerCommit)
const keys = Array.from({ length: 20 }, (_, i) => `train/metric${i}`)

let step = Number(first)
function commitOne(done: number): void {
  const steps = Array.from({ length: width }, (_, i) => step + i)
  writer.push(
    runId,
    keys.map(key => ({ key, steps, seconds: steps, values: Float64Array.from(steps) }))
  )
  if (!writer.flush()) throw new Error('a commit failed')
  step += width
  process.send?.(step - 1)
  if (done + 1 < Number(commits)) setImmediate(() => commitOne(done + 1))
  else setInterval(() => undefined, 60_000)
}
commitOne(0)
