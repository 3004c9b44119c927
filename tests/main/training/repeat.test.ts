import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Precision } from '../../../src-preload/contract/precision.ts'
import { algorithms } from '../../../src-main/algorithms/index.ts'
import { nodeProcessHost } from '../../../src-main/base/nodeProcessHost.ts'
import { engines } from '../../../src-main/compute/index.ts'
import type { TrainingJob } from '../../../src-main/training/messages.ts'
import { describeOnly } from '../../support/engines.ts'
import type { Series, SeriesResult } from '../../support/processes/seriesOfRuns.ts'
import { jobFor, ofKind } from './process.ts'
import { resultOfMessages } from './results.ts'
import { discreteWalks, onDisk, temporaryFolder, walks } from './support.ts'

interface Case {
  readonly name: string
  readonly algorithm: string
  readonly kind: 'continuous' | 'discrete'
  readonly precision: Precision
  readonly config: Readonly<Record<string, unknown>>
}

const short = { gradientSteps: 60, logEvery: 60, checkpointEvery: 100_000 }
const narrow = { ...short, hiddenSizes: [8, 8], batchSize: 16, dropout: 0.1 }
/** Products of this size are cut in pieces for two threads. */
const wide = { ...short, gradientSteps: 20, logEvery: 20, hiddenSizes: [256, 256], batchSize: 256 }
/** The smallest whose products are in bfloat16. */
const reduced = { ...short, gradientSteps: 20, logEvery: 20, hiddenSizes: [64, 64], batchSize: 64 }

const infos = await Promise.all(engines.map(engine => engine.describe()))
const hasBfloat16 = (id: string): boolean =>
  infos
    .find(info => info.id === id)!
    .precisions?.some(({ precision, reason }) => precision === 'bfloat16' && reason === null) ?? false

function casesOf(engine: string): Case[] {
  const small = algorithms.flatMap(({ id, actions }) => actions.map(kind => ({ algorithm: id, kind })))
  const named = (what: string, config: object, precision: Precision) => (one: (typeof small)[number]) => ({
    ...{ ...one, name: `${one.algorithm}, ${one.kind} actions${what}`, precision },
    config: { ...config }
  })
  return [
    ...small.map(named('', narrow, 'float32')),
    // Op by op there is one thread, and a step of this size takes seconds.
    ...(engine === 'eager' ? [] : small.slice(-2).map(named(', large products', wide, 'float32'))),
    ...(hasBfloat16(engine) ? small.map(named(', bfloat16 products', reduced, 'bfloat16')) : [])
  ]
}

function trainSeries(series: Series): Promise<SeriesResult> {
  const entry = join(import.meta.dirname, '../../support/processes/seriesOfRuns.ts')
  const child = nodeProcessHost(() => entry).start('trainer')
  return new Promise((resolve, reject) => {
    child.onMessage(result => resolve(result as SeriesResult))
    child.onExit((code, signal) => reject(new Error(`the process ended (${code}, ${signal})`)))
    child.send(series)
  })
}

let folders: Readonly<Record<Case['kind'], string>>
beforeAll(async () => {
  folders = { continuous: await onDisk(walks()), discrete: await onDisk(discreteWalks()) }
})

const suite = (engine: string) => (): void => {
  const cases = casesOf(engine)
  const jobs = (): TrainingJob[] =>
    cases.map(({ algorithm, kind, precision, config }) =>
      jobFor(folders[kind], {
        ...{ engine, algorithm, precision, config, threads: 2, folder: temporaryFolder() }
      })
    )
  /** Results by case, and by the number of steps in a call; one process trains the cases in the opposite order. */
  const results: Record<number, Awaited<ReturnType<typeof resultOfMessages>>[]> = {}

  beforeAll(async () => {
    const train = async (callSteps: number, turn: <T>(list: readonly T[]) => readonly T[]) => {
      const own = jobs()
      const said = turn(await trainSeries({ jobs: turn(own), callSteps }))
      for (const messages of said) expect(ofKind(messages, 'ended')).toMatchObject([{ state: 'finished' }])
      results[callSteps] = await Promise.all(own.map((job, i) => resultOfMessages(job, said[i])))
    }
    await Promise.all([train(1, list => list), train(7, list => list.toReversed())])
    await train(50, list => list)
  }, 240_000)

  test.each(cases.map(({ name }, i) => [name, i] as const))(
    '%s, with 1, 7 and 50 steps a call, has the same bits and curves',
    (_name, i) => {
      expect(Object.keys(results[1][i].curves)).toContain('train/actorLoss')
      expect(results[7][i]).toEqual(results[1][i])
      expect(results[50][i]).toEqual(results[1][i])
    }
  )
}

// On a graphics device the order of additions may change from one run to the next, so nothing is promised there.
for (const engine of ['onnx', 'tensorflow', 'eager'])
  describeOnly(engine, 'a run repeated in another process', suite(engine))
