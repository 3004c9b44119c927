import { type Bench, entryName, usualEntries, usualSize } from '../bench.ts'
import { type Contestant, startEngine } from '../contestants.ts'
import { engineEntries } from '../entries.ts'
import { hiddenName, median, ratio, rounded, type Table } from '../figures.ts'
import { measure } from '../measure.ts'
import type { Size } from '../options.ts'

const manyRows = 1_000_000
const small: Size = { hidden: [64, 64], batchSize: 256 }

/** What the amount of data and the number of steps change: nothing, if all is well. */
export async function scaling(bench: Bench): Promise<Table[]> {
  const { all } = bench.options
  return [
    await dataTable(bench, usualSize),
    ...(all ? [await dataTable(bench, small)] : []),
    await stepsTable(bench, small),
    ...(all ? [await stepsTable(bench, usualSize)] : [])
  ]
}

async function dataTable(bench: Bench, size: Size): Promise<Table> {
  const subject = { algorithm: 'iql', ...size }
  const few = engineEntries(bench.field, subject, false)
  const many = engineEntries(bench.field, { ...subject, rows: manyRows }, false)
  const results = await measure([...few, ...many], { runs: 1, threads: bench.cores }, bench.options)
  const rows = few.flatMap((entry, i) => {
    const [a, b] = [results[i], results[i + few.length]]
    if (a.failure !== null || b.failure !== null)
      return [[entryName(entry), '-', '-', a.failure ?? b.failure ?? '']]
    const byCpu = ratio(b.stepsPerCpuSecond, a.stepsPerCpuSecond)
    const rates = [rounded(a.stepsPerSecond), rounded(b.stepsPerSecond)]
    return [[entryName(entry), ...rates, ratio(b.stepsPerSecond, a.stepsPerSecond), byCpu]]
  })
  return {
    title: `Data size: IQL ${hiddenName(size.hidden)}, batch ${size.batchSize}`,
    columns: ['', '10,000 rows, steps/s', '1,000,000 rows, steps/s', 'ratio', 'by CPU time'],
    rows,
    notes: [
      'A batch of a large dataset comes from rows that no cache holds; nothing else depends on their number.'
    ]
  }
}

/** Time of 4,000 steps against that of 1,000, in turns in one process. */
async function stepsTable(bench: Bench, size: Size): Promise<Table> {
  const rows: (string | number)[][] = []
  const notes: string[] = []
  for (const { engine, precision } of usualEntries(bench)) {
    const name = entryName({ engine, precision })
    try {
      const subject = { algorithm: 'iql', ...size }
      const contestant = await startEngine(engine, precision, subject, bench.cores)
      rows.push([name, ...(await compareSteps(contestant, bench.options.rounds))])
      await contestant.close()
    } catch (error) {
      notes.push(`${name}: FAILED, ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return {
    title: `Number of steps: IQL ${hiddenName(size.hidden)}, batch ${size.batchSize}`,
    columns: ['', '1,000 steps, s', '4,000 steps, s', 'ratio', 'by CPU time'],
    rows,
    notes
  }
}

async function compareSteps(contestant: Contestant, rounds: number): Promise<(string | number)[]> {
  const few: number[][] = []
  const many: number[][] = []
  for (let round = 0; round < rounds; round++) {
    for (const [steps, into] of [[1000, few] as const, [4000, many] as const]) {
      const { stepsPerSecond, stepsPerCpuSecond } = await contestant.window({ steps })
      into.push([steps / stepsPerSecond, steps / stepsPerCpuSecond])
    }
  }
  const [clockFew, cpuFew, clockMany, cpuMany] = [few, many].flatMap(times =>
    [0, 1].map(i => median(times.map(time => time[i])))
  )
  return [rounded(clockFew), rounded(clockMany), ratio(clockMany, clockFew), ratio(cpuMany, cpuFew)]
}
