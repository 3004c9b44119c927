/**
 * Whether engines end in equal scores: the same runs on each engine, and the difference of their final returns with a bootstrap
 * interval over seeds. Engines see the same rows and numbers, so seeds are paired.
 *
 *     node tests/bench/engineEquality.ts --engines onnx,tensorflow --algorithms iql --seeds 5 --steps 20000
 *
 * An engine is `onnx` or, in another precision, `tensorflow:bfloat16`; the first is the one that the others are compared to.
 * `--recipe` names the data (`crossroads`, `pendulum-mixed` and others that the app makes itself).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Precision } from '../../src-preload/contract/precision.ts'
import { fromScalar } from '../../src-preload/contract/values.ts'
import { createBootstrap } from '../../src-main/evaluation/bootstrap.ts'
import { mean, sampleDeviation } from '../../src-main/evaluation/statistics.ts'
import { openRealClient, type RealClient } from './realHost.ts'

const { values } = parseArgs({
  options: {
    engines: { type: 'string', default: 'onnx,tensorflow' },
    algorithms: { type: 'string', default: 'iql' },
    recipe: { type: 'string', default: 'crossroads' },
    seeds: { type: 'string', default: '5' },
    steps: { type: 'string', default: '20000' },
    hidden: { type: 'string', default: '64,64' },
    batch: { type: 'string', default: '256' }
  }
})
/** Seeds must not all agree by chance: the interval of a paired mean needs some. */
const bootstrap = createBootstrap({ seed: 0, replications: 5000, level: 0.95 })
const seeds = Array.from({ length: Number(values.seeds) }, (_, seed) => seed)

interface Case {
  readonly algorithm: string
  readonly entry: string
}

/** Final returns by seed. @throws Error when a run does not finish */
async function returnsOf(real: RealClient, { algorithm, entry }: Case): Promise<number[]> {
  const [engine, precision = 'float32'] = entry.split(':')
  const { runs } = await real.client.runs.create({
    ...{ name: `${algorithm} on ${entry}`, datasets: [real.dataset], seeds, threads: 1, engine },
    precision: precision as Precision,
    algorithms: [{ algorithm, config: configOf() }]
  })
  const waiting = new Set(runs.map(({ id }) => id))
  const returns = new Map<number, number>()
  const stop = new AbortController()
  for await (const { changed } of real.client.runs.follow({}, stop.signal)) {
    for (const run of changed.filter(({ id }) => waiting.has(id))) {
      if (['failed', 'diverged', 'interrupted', 'stopped'].includes(run.state))
        throw new Error(`${entry}, seed ${run.seed}: ${run.reason ?? run.state}`)
      if (run.state !== 'finished' || run.finalReturn === null) continue
      returns.set(run.seed, fromScalar(run.finalReturn))
      waiting.delete(run.id)
    }
    if (waiting.size === 0) break
  }
  stop.abort()
  return seeds.map(seed => returns.get(seed) ?? NaN)
}

const configOf = (): Readonly<Record<string, unknown>> => ({
  gradientSteps: Number(values.steps),
  hiddenSizes: values.hidden.split(',').map(Number),
  batchSize: Number(values.batch),
  evalEvery: Number(values.steps),
  evalEpisodes: 100
})

const round = (value: number): string => value.toFixed(3)

/** One line of the table: the engine's returns, and how they differ from the first engine's, seed by seed. */
function lineOf({ algorithm, entry }: Case, returns: readonly number[], first: readonly number[]): string {
  const pairs = returns.map((value, seed) => value - first[seed])
  const { low, high } = bootstrap.meanInterval(pairs)
  const difference = returns === first ? '' : `${round(mean(pairs))} (${round(low)} to ${round(high)})`
  const own = `${round(mean(returns))} ± ${round(sampleDeviation(returns))}`
  return `| ${algorithm} | ${entry.replace(':', ' ')} | ${returns.length} | ${own} | ${difference} |`
}

const home = mkdtempSync(join(tmpdir(), 'stitchwork-equality-'))
const real = await openRealClient(home, undefined, values.recipe)
try {
  process.stdout.write(
    '| algorithm | engine | seeds | final return | difference, 95 % |\n|---|---|---|---|---|\n'
  )
  for (const algorithm of values.algorithms.split(',')) {
    let first: readonly number[] | null = null
    for (const entry of values.engines.split(',')) {
      const returns = await returnsOf(real, { algorithm, entry })
      first ??= returns
      process.stdout.write(`${lineOf({ algorithm, entry }, returns, first)}\n`)
      process.stderr.write(`${algorithm} ${entry}: ${returns.join(' ')}\n`)
    }
  }
} finally {
  await real.close()
  rmSync(home, { recursive: true, force: true })
}
