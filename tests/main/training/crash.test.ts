import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { algorithms } from '../../../src-main/algorithms/index.ts'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { onnxEngine } from '../../../src-main/compute/onnx/index.ts'
import { tensorflowEngine } from '../../../src-main/compute/tensorflow/index.ts'
import { checkpointName, readCheckpoint } from '../../../src-main/training/checkpoints.ts'
import type { FromTrainer, TrainingJob } from '../../../src-main/training/messages.ts'
import { curvesOf, jobFor, ofKind, runToEnd, startTrainer } from './process.ts'
import { bytesOf, onDisk, temporaryFolder, walks } from './support.ts'

const steps = 1500
/** Uniform up to this after the trainer's first words; a run of this size lasts several times as long. */
const longestLifeMs = 300
const config = {
  ...{ gradientSteps: steps, batchSize: 16, hiddenSizes: [8], logEvery: 7, checkpointEvery: 30 },
  ...{ evalEvery: 400, evalEpisodes: 2, keepRollouts: 1, heldOutShare: 0.2 }
}
/** TensorFlow takes seconds to start each time, so one algorithm is killed less often there. */
const subjects = [
  ...algorithms.map(({ id }) => ({ engine: onnxEngine, id, kills: 20 })),
  { engine: tensorflowEngine, id: 'iql', kills: 4 }
]
const infos = await Promise.all([onnxEngine, tensorflowEngine].map(engine => engine.describe()))

let dataset: string
beforeAll(async () => {
  dataset = await onDisk(walks())
})

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/** What a finished run amounts to: its last checkpoint, and its curves without those that depend on time. */
async function resultOf(job: TrainingJob, curves: ReadonlyMap<string, ReadonlyMap<number, number>>) {
  const { snapshot, run } = await readCheckpoint(join(job.folder, 'checkpoints'), checkpointName(steps))
  const { derived, heldOutDerived, window, state } = snapshot
  const points = [...curves]
    .filter(([key]) => !key.startsWith('time/'))
    .map(([key, values]) => [key, hashOf([...values].sort(([a], [b]) => a - b))] as const)
  return {
    state: hashOf(bytesOf(state)),
    derived,
    heldOutDerived,
    window,
    run,
    curves: Object.fromEntries(points)
  }
}

/** Adds what a process said to curves by step; a step that a resumed run computed again replaces the first. */
function collect(curves: Map<string, Map<number, number>>, messages: readonly FromTrainer[]) {
  for (const [key, points] of Object.entries(curvesOf(messages))) {
    const values = curves.get(key) ?? new Map<number, number>()
    curves.set(key, values)
    for (const [step, value] of points) values.set(step, value)
  }
  return curves
}

describe('a run that is killed again and again', () => {
  for (const { engine, id, kills } of subjects) {
    const { available, reason } = infos.find(info => info.id === engine.id)!
    test.skipIf(!available)(
      `${id} on ${engine.id}: ${kills} SIGKILLs at random moments leave the bytes and curves of an unbroken run${available ? '' : `: SKIPPED, ${reason}`}`,
      { timeout: 240_000 },
      async () => {
        const job = (): TrainingJob =>
          jobFor(dataset, {
            algorithm: id,
            engine: engine.id,
            environmentId: 'crossroads',
            config,
            folder: temporaryFolder()
          })
        const unbroken = job()
        const expected = await resultOf(unbroken, collect(new Map(), await runToEnd(unbroken)))
        const random = new RandomSequence(1, `test/kills/${id}`)
        let broken = job()
        let curves = new Map<string, Map<number, number>>()
        let resumed = 0
        for (let killed = 0; killed < kills;) {
          const trainer = startTrainer({ ...broken, resume: true })
          const moment = random.uniform()
          const awaited = moment < 0.2 ? 'started' : moment < 0.5 ? 'metrics' : 'checkpoint'
          await Promise.race([trainer.until(({ kind }) => kind === awaited), trainer.exited])
          const died = await Promise.race([trainer.exited, wait(random.uniform(0, longestLifeMs))])
          trainer.child.kill()
          await trainer.exited
          collect(curves, trainer.messages)
          const [{ resumedFrom, bitExact }] = ofKind(trainer.messages, 'started')
          expect(bitExact).toBe(true)
          if (resumedFrom !== null) resumed++
          if (died === undefined) killed++
          if (ofKind(trainer.messages, 'ended').length === 0) continue
          expect(await resultOf(broken, curves)).toEqual(expected)
          broken = job()
          curves = new Map()
        }
        collect(curves, await runToEnd({ ...broken, resume: true }))
        expect(await resultOf(broken, curves)).toEqual(expected)
        expect(resumed).toBeGreaterThanOrEqual(kills / 2)
      }
    )
  }
})
