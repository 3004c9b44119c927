import { type Bench, entryName } from '../bench.ts'
import { startEngine } from '../contestants.ts'
import { hiddenName, rounded, type Table } from '../figures.ts'

const megabyte = 2 ** 20

/** Seconds until an engine trains, and the memory of its process while it does; IQL at every size, all cores. */
export async function startup(bench: Bench): Promise<Table[]> {
  const { options, field, cores } = bench
  const rows: (string | number)[][] = []
  const notes = [
    'Memory is the resident set of a training process after a window of training on 10,000 rows (2 MB).'
  ]
  for (const hidden of options.sizes) {
    for (const { info, precisions } of field.engines.filter(({ info }) => info.id !== 'eager')) {
      for (const precision of precisions) {
        const name = `${entryName({ engine: info.id, precision })} ${hiddenName(hidden.hidden)}/${hidden.batchSize}`
        const reason = bench.outOfTime()
        const subject = { algorithm: 'iql', ...hidden }
        const found = reason ?? (await measureStart(info.id, precision, subject, cores, options.seconds))
        if (typeof found === 'string') notes.push(`${name}: SKIPPED, ${found}`)
        else rows.push([name, ...found])
        bench.say(`start: ${name} ${typeof found === 'string' ? found : found.join(', ')}`)
      }
    }
  }
  const columns = ['', 'process to first step, s', 'compile, s', 'first call, s', 'memory, MB']
  return [{ title: 'Start and memory', columns, rows, notes }]
}

async function measureStart(
  engine: string,
  precision: string,
  subject: Parameters<typeof startEngine>[2],
  threads: number,
  seconds: number
): Promise<number[] | string> {
  try {
    const contestant = await startEngine(engine, precision, subject, threads)
    try {
      const { startedSeconds, compileSeconds, firstCallSeconds } = contestant.started
      const { memoryBytes = NaN } = await contestant.window({ seconds })
      const memory = Math.round(memoryBytes / megabyte)
      return [...[startedSeconds, compileSeconds, firstCallSeconds].map(rounded), memory]
    } finally {
      await contestant.close()
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
