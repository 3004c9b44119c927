import { type Bench, entryName } from '../bench.ts'
import { rounded, type Table } from '../figures.ts'
import { openRealHost } from '../realRun.ts'

/** Points and checkpoints come as often as by default. */
const config = (steps: number) => ({
  ...{ gradientSteps: steps, hiddenSizes: [256, 256], batchSize: 256 },
  ...{ evalEvery: 0, evalEpisodes: 1, keepRollouts: 0 }
})

/** Real runs: time from asking to the first metric, memory of the trainer, and what logging and storing cost. */
export async function host(bench: Bench): Promise<Table[]> {
  const rows: (string | number)[][] = []
  const steps = bench.options.all ? 6000 : 1500
  const notes = [
    `IQL 2x256, batch 256 on Crossroads, ${steps} steps with default settings: the first point of the curves comes after 200 of them. ` +
      'Beside calls: the share of the training time outside of engine calls, for logging, diagnosis and a checkpoint each 5,000 steps; from ' +
      'step 400, because the first point waits for the compilation of what it shows. ' +
      'Host: processor time of the process that stores, by the time that passed.'
  ]
  const real = await openRealHost()
  try {
    for (const { info, precisions } of bench.field.engines.filter(({ info }) => info.id !== 'eager')) {
      for (const precision of precisions) {
        const name = entryName({ engine: info.id, precision })
        const reason = bench.outOfTime()
        if (reason !== null) {
          notes.push(`${name}: SKIPPED, ${reason}`)
          continue
        }
        try {
          const report = await real.run(info.id, precision, config(steps))
          const outside = 1 - report.inCalls / report.training
          rows.push([
            name,
            rounded(report.firstMetricSeconds),
            rounded(report.untilFirstCall),
            Math.round(report.memoryBytes / 2 ** 20),
            percent(outside),
            percent(report.hostCpuSeconds / report.watchedSeconds)
          ])
          bench.say(`host: ${rows.at(-1)!.join(', ')}`)
        } catch (error) {
          notes.push(`${name}: FAILED, ${error instanceof Error ? error.message : String(error)}`)
        }
      }
    }
  } finally {
    await real.close()
  }
  const columns = [
    '',
    'click to first metric, s',
    'trainer to first call, s',
    'trainer memory, MB',
    'beside calls',
    'host'
  ]
  return [{ title: 'Real runs', columns, rows, notes }]
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
