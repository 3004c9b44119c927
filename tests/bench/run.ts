/**
 * Steps per second of each engine, sampling and metrics included: one run on all cores, and two runs side by side on one thread
 * each. Windows of all contestants alternate, so that a busy machine slows all alike; figures are medians.
 *
 *   npm run bench -- [--algorithms iql,bc] [--engines onnx,eager] [--hidden 256,256] [--batch-size 256]
 *                    [--seconds 2] [--rounds 5] [--python PATH] [--json]
 */
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { describeEngines } from '../../src-main/compute/index.ts'
import { type Contestant, startEngine, startTorch } from './contestants.ts'
import type { Subject } from './subject.ts'

interface Figure {
  readonly engine: string
  readonly device: string
  readonly precision: 'float32'
  readonly algorithm: string
  readonly hidden: readonly number[]
  readonly batchSize: number
  /** Runs side by side; stepsPerSecond is their total. */
  readonly runs: number
  /** Threads of each run. */
  readonly threads: number
  readonly stepsPerSecond: number
  /** Steps per second of processor time, of one run. */
  readonly stepsPerCpuSecond: number
}

interface Entry {
  readonly engine: string
  readonly device: string
  start(threads: number): Promise<Contestant>
}

const { values: options } = parseArgs({
  options: {
    algorithms: { type: 'string', default: 'iql,bc' },
    engines: { type: 'string', default: '' },
    hidden: { type: 'string', default: '256,256' },
    'batch-size': { type: 'string', default: '256' },
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
    python: { type: 'string' },
    json: { type: 'boolean', default: false }
  }
})
const say = (text: string): void => void (options.json || process.stdout.write(`${text}\n`))

async function entriesFor(subject: Subject): Promise<Entry[]> {
  const chosen = options.engines.split(',').filter(Boolean)
  const entries: Entry[] = []
  for (const { id, available, device, reason } of await describeEngines()) {
    if (chosen.length > 0 && !chosen.includes(id)) continue
    if (available) entries.push({ engine: id, device, start: threads => startEngine(id, subject, threads) })
    else say(`${id}: SKIPPED, ${reason}`)
  }
  const { python } = options
  if (python && subject.algorithm === 'iql') {
    entries.push({
      engine: 'pytorch-eager',
      device: 'CPU',
      start: threads => startTorch(python, subject, threads)
    })
  }
  return entries
}

/** Alternates windows of all entries; each has `runs` processes that work at the same time. */
async function measure(
  entries: readonly Entry[],
  subject: Subject,
  runs: number,
  threads: number
): Promise<Figure[]> {
  const teams = await Promise.all(
    entries.map(entry => Promise.all(Array.from({ length: runs }, () => entry.start(threads))))
  )
  const totals = teams.map((): number[] => [])
  const perCpu = teams.map((): number[] => [])
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [i, team] of teams.entries()) {
      const speeds = await Promise.all(team.map(contestant => contestant.window(Number(options.seconds))))
      totals[i].push(speeds.reduce((sum, speed) => sum + speed.stepsPerSecond, 0))
      perCpu[i].push(...speeds.map(speed => speed.stepsPerCpuSecond))
    }
  }
  await Promise.all(teams.flat().map(contestant => contestant.close()))
  return entries.map(({ engine, device }, i) => ({
    engine,
    device,
    precision: 'float32',
    ...subject,
    runs,
    threads,
    stepsPerSecond: median(totals[i]),
    stepsPerCpuSecond: median(perCpu[i])
  }))
}

/** To four digits. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
  return Number(middle.toPrecision(4))
}

async function main(): Promise<void> {
  const cores = availableParallelism()
  say(`${cpus()[0]?.model ?? 'unknown processor'}, ${cores} cores, Node ${process.versions.node}`)
  const figures: Figure[] = []
  for (const algorithm of options.algorithms.split(',')) {
    const subject = {
      algorithm,
      hidden: options.hidden.split(',').map(Number),
      batchSize: Number(options['batch-size'])
    }
    const entries = await entriesFor(subject)
    for (const [runs, threads] of [
      [1, cores],
      [2, 1]
    ]) {
      for (const figure of await measure(entries, subject, runs, threads)) {
        figures.push(figure)
        const { engine, stepsPerSecond, stepsPerCpuSecond } = figure
        const how = `${runs} run${runs > 1 ? 's' : ''} x ${threads} thread${threads > 1 ? 's' : ''}`
        say(
          `${algorithm.padEnd(12)} ${engine.padEnd(14)} ${how.padEnd(18)} ${String(stepsPerSecond).padStart(8)} steps/s, ${stepsPerCpuSecond} per CPU second`
        )
      }
    }
  }
  if (options.json) process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
}

await main()
