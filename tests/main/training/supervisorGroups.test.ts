import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { listCheckpoints } from '../../../src-main/store/checkpoints.ts'
import { runFolder } from '../../../src-main/store/home.ts'
import { getRun } from '../../../src-main/store/runs.ts'
import { tinyConfig } from './support.ts'
import { longConfig, superviseEachTest } from './rig.ts'

const rig = superviseEachTest()

describe('seeds in one graph', () => {
  const together = { seeds: [0, 1, 2], seedsInOneGraph: 'on' as const }

  test('one process trains the runs that differ in seed or in a rate, each with curves and checkpoints of its own', async () => {
    const algorithms = [1e-3, 1e-2].map(actorLearningRate => ({
      algorithm: 'bc',
      config: { ...tinyConfig, actorLearningRate }
    }))
    const { runIds } = await rig.supervisor.create(rig.plan({ ...together, seeds: [0, 1], algorithms }))
    for (const id of runIds) await rig.reaches(id, 'finished')
    expect(rig.pids).toHaveLength(1)
    for (const id of runIds) {
      expect(getRun(rig.store.db, id)).toMatchObject({ bitExact: true, engine: { lanes: 4, threads: 4 } })
      expect(rig.stepsOf(id, 'train/actorLoss').at(-1)).toBe(60)
      expect(listCheckpoints(rig.store.db, id).map(({ step }) => step)).toContain(60)
      expect(readdirSync(join(runFolder(rig.store.home, id), 'checkpoints'))).toContain('step-000000060')
    }
  })

  test('runs of other shapes, and all runs where it is off, have processes of their own', async () => {
    const other = { algorithm: 'bc', config: { ...tinyConfig, hiddenSizes: [4] } }
    const plan = rig.plan({ ...together, seeds: [0], algorithms: [...rig.plan().algorithms, other] })
    const { runIds } = await rig.supervisor.create(plan)
    const off = await rig.supervisor.create(rig.plan({ seeds: [0, 1], seedsInOneGraph: 'off' }))
    for (const id of [...runIds, ...off.runIds]) await rig.reaches(id, 'finished')
    expect(rig.pids).toHaveLength(4)
    expect(getRun(rig.store.db, runIds[0]).engine).not.toHaveProperty('lanes')
  })

  test('pausing one lets the others go on; resumed, it goes on in a graph as before', async () => {
    const { runIds } = await rig.supervisor.create(rig.plan(together, { ...longConfig, gradientSteps: 4000 }))
    const [first, second, third] = runIds
    await rig.stepReaches(second, 200)
    await rig.supervisor.pause([second])
    await rig.reaches(second, 'paused')
    await rig.reaches(first, 'finished')
    await rig.reaches(third, 'finished')
    await rig.supervisor.resume([second], false)
    await rig.reaches(second, 'finished')
    expect(rig.pids).toHaveLength(2)
    expect(getRun(rig.store.db, second)).toMatchObject({ bitExact: true, engine: { lanes: 1 } })
  })

  test('a killed process interrupts all its runs, and resuming brings those at one step together again', async () => {
    const { runIds } = await rig.supervisor.create(
      rig.plan(together, { ...longConfig, checkpointEvery: 100_000 })
    )
    for (const id of runIds) await rig.stepReaches(id, 100)
    process.kill(rig.pids[0], 'SIGKILL')
    for (const id of runIds) await rig.reaches(id, 'interrupted')
    await rig.supervisor.resume(runIds, false)
    for (const id of runIds) await rig.stepReaches(id, 100)
    expect(rig.pids).toHaveLength(2)
    await rig.supervisor.stop(runIds)
    for (const id of runIds) await rig.reaches(id, 'stopped')
  })
})
