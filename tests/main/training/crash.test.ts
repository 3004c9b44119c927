import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { algorithms } from '../../../src-main/algorithms/index.ts'
import { RandomSequence } from '../../../src-main/base/random.ts'
import type { FromTrainer, TrainingJob } from '../../../src-main/training/messages.ts'
import { describeOnly } from '../../support/engines.ts'
import { jobFor, ofKind, runToEnd, startTrainer } from './process.ts'
import { collect, resultOf, resultOfMessages } from './results.ts'
import { onDisk, temporaryFolder, walks } from './support.ts'

type Awaited = 'started' | 'metrics' | 'checkpoint'
/** How often the runs of an engine are killed, and how long they are: several times as long as `longestLifeMs`. */
interface Ordeal {
  readonly kills: number
  /** A kill comes up to `longestLifeMs` after one of these words, at random; most of that time is spent in calls. */
  readonly awaited: readonly Awaited[]
  readonly longestLifeMs: number
  readonly gradientSteps: number
  readonly logEvery: number
  readonly checkpointEvery: number
}
/** Log points do not fall together with checkpoints, so that there is a window of metrics to save. Where a trainer takes seconds to start, or to train, it is killed less often, and never before there is something to lose. */
const ordeals: Readonly<Record<string, Ordeal>> = {
  onnx: {
    ...{ kills: 20, awaited: ['started', 'metrics', 'checkpoint', 'checkpoint'], longestLifeMs: 300 },
    ...{ gradientSteps: 1500, logEvery: 7, checkpointEvery: 30 }
  },
  tensorflow: {
    ...{ kills: 2, awaited: ['checkpoint'], longestLifeMs: 100 },
    ...{ gradientSteps: 900, logEvery: 70, checkpointEvery: 60 }
  },
  eager: {
    ...{ kills: 1, awaited: ['checkpoint'], longestLifeMs: 200 },
    ...{ gradientSteps: 90, logEvery: 20, checkpointEvery: 15 }
  }
}
/** Evaluations go on beside training, and take processes of their own: one algorithm stands for all. */
const evaluated = { engine: 'onnx', algorithm: 'iql' }

let dataset: string
beforeAll(async () => {
  dataset = await onDisk(walks())
})

function newJob(engine: string, algorithm: string): TrainingJob {
  const { gradientSteps, logEvery, checkpointEvery } = ordeals[engine]
  const evaluates = engine === evaluated.engine && algorithm === evaluated.algorithm
  return jobFor(dataset, {
    ...{ engine, algorithm, folder: temporaryFolder(), environmentId: evaluates ? 'crossroads' : null },
    config: { gradientSteps, logEvery, checkpointEvery, batchSize: 16, hiddenSizes: [8], evalEvery: 400 }
  })
}

/** The step of the last checkpoint that a trainer told of. */
const savedBy = (messages: readonly FromTrainer[]): number =>
  ofKind(messages, 'checkpoint').at(-1)?.step ?? ofKind(messages, 'started')[0]?.resumedFrom ?? 0

const suite = (engine: string) => (): void => {
  const { kills, awaited, longestLifeMs } = ordeals[engine]

  /** One life of the trainer, ended at a random moment. */
  async function killedLife(job: TrainingJob, random: RandomSequence) {
    const trainer = startTrainer({ ...job, resume: true })
    const word = awaited[Math.floor(random.uniform(0, awaited.length))]
    await Promise.race([trainer.until(({ kind }) => kind === word), trainer.exited])
    const died = await Promise.race([trainer.exited, wait(random.uniform(0, longestLifeMs))])
    trainer.child.kill()
    await trainer.exited
    return { messages: trainer.messages, killed: died === undefined }
  }

  test.each(algorithms.map(({ id }) => id))(
    `%s: killed ${kills} x at random moments, it loses the steps since its last checkpoint and no bit`,
    { timeout: 240_000 },
    async algorithm => {
      const unbroken = newJob(engine, algorithm)
      const expected = await resultOfMessages(unbroken, await runToEnd(unbroken))
      const random = new RandomSequence(1, `test/kills/${algorithm}`)
      let broken = newJob(engine, algorithm)
      let curves = new Map<string, Map<number, number>>()
      let [resumed, saved] = [0, 0]
      for (let killed = 0; killed < kills;) {
        const life = await killedLife(broken, random)
        collect(curves, life.messages)
        const [{ resumedFrom, bitExact }] = ofKind(life.messages, 'started')
        expect(bitExact).toBe(true)
        expect(resumedFrom ?? 0).toBeGreaterThanOrEqual(saved)
        saved = savedBy(life.messages)
        if (resumedFrom !== null) resumed++
        if (life.killed) killed++
        if (ofKind(life.messages, 'ended').length === 0) continue
        expect(await resultOf(broken, curves)).toEqual(expected)
        broken = newJob(engine, algorithm)
        curves = new Map()
        saved = 0
      }
      const last = await runToEnd({ ...broken, resume: true })
      if (ofKind(last, 'started')[0].resumedFrom !== null) resumed++
      expect(await resultOf(broken, collect(curves, last))).toEqual(expected)
      expect(resumed).toBeGreaterThanOrEqual(kills / 2)
    }
  )
}

for (const engine of Object.keys(ordeals))
  describeOnly(engine, 'a run that is killed again and again', suite(engine))
