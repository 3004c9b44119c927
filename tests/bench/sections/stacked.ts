import { type Bench, entryName, usualSize } from '../bench.ts'
import { engineEntries } from '../entries.ts'
import { hiddenName, ratio, rounded, type Table } from '../figures.ts'
import { measure } from '../measure.ts'
import type { Size } from '../options.ts'

const small: Size = { hidden: [64, 64], batchSize: 256 }

/** Runs in one graph: steps per second of all together, against one run by itself; one process on all cores. */
export async function stacked(bench: Bench): Promise<Table[]> {
  const isGpu = (device: string): boolean => /gpu|cuda|nvidia/i.test(device)
  const onGpu = bench.field.engines.some(({ info }) => isGpu(info.device))
  const lanes = bench.options.all || onGpu ? [1, 4, 8, 32] : [1, 8]
  const rows: (string | number)[][] = []
  const notes: string[] = []
  for (const size of [small, usualSize]) {
    const name = `${hiddenName(size.hidden)}/${size.batchSize}`
    const reason = bench.outOfTime()
    if (reason !== null) {
      notes.push(`${name}: SKIPPED, ${reason}`)
      continue
    }
    const subject = { algorithm: 'iql', ...size }
    const byLanes = lanes.map(count => engineEntries(bench.field, { ...subject, lanes: count }, false))
    const entries = byLanes.flat()
    const results = await measure(entries, { runs: 1, threads: bench.cores }, bench.options)
    for (const [i, entry] of byLanes[0].entries()) {
      const totals = lanes.map((count, j) => {
        const result = results[j * byLanes[0].length + i]
        if (result.failure !== null)
          notes.push(`${entryName(entry)} ${name}, ${count} runs: FAILED, ${result.failure}`)
        return result.failure === null ? count * result.stepsPerSecond : undefined
      })
      const cells = totals.map(total =>
        total === undefined ? '-' : `${rounded(total)} (${ratio(total, totals[0])})`
      )
      rows.push([`${entryName(entry)} ${name}`, ...cells])
    }
  }
  const columns = ['', ...lanes.map(count => `${count} run${count > 1 ? 's' : ''}, steps/s in all`)]
  return [{ title: 'IQL runs in one graph', columns, rows, notes }]
}
