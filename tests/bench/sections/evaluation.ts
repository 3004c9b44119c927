import type { Bench } from '../bench.ts'
import { startEvaluation } from '../contestants.ts'
import { median, rounded, type Table } from '../figures.ts'

const environments = ['pendulum', 'crossroads']
const batches = [20, 100]

/** Episodes per second of an untrained policy, all episodes in lock step; nothing is kept of them. */
export async function evaluation(bench: Bench): Promise<Table[]> {
  const rows: (string | number)[][] = []
  const notes = ['Policy of IQL 2x256. An episode of Pendulum has 200 steps.']
  for (const { info } of bench.field.engines) {
    for (const environment of environments) {
      for (const episodes of batches) {
        const name = `${info.id}, ${environment}`
        const reason = bench.outOfTime()
        const found = reason ?? (await measureOne(bench, info.id, environment, episodes))
        if (typeof found === 'string') notes.push(`${name}, ${episodes} episodes: SKIPPED, ${found}`)
        else rows.push([name, episodes, ...found])
      }
    }
  }
  return [
    { title: 'Evaluation', columns: ['', 'in lock step', 'episodes/s', 'environment steps/s'], rows, notes }
  ]
}

async function measureOne(
  bench: Bench,
  engine: string,
  environment: string,
  episodes: number
): Promise<number[] | string> {
  try {
    const process = await startEvaluation({ engine, threads: bench.cores, environment, episodes })
    try {
      await process.window(0)
      const windows = []
      for (let round = 0; round < bench.options.rounds; round++)
        windows.push(await process.window(bench.options.seconds))
      return [
        rounded(median(windows.map(({ episodesPerSecond }) => episodesPerSecond))),
        rounded(median(windows.map(({ stepsPerSecond }) => stepsPerSecond)))
      ]
    } finally {
      await process.close()
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
