import { expect, test } from 'vitest'
import { floats } from '../../../src-main/base/tensors.ts'
import { readCheckpoint, writeCheckpoint } from '../../../src-main/training/checkpoints.ts'
import { checkpointRun, temporaryFolder } from './support.ts'

test('a checkpoint that keeps moments of Adam is read as sums; all else is as it was written', async () => {
  const folder = temporaryFolder()
  const tensor = (...values: number[]) => floats([values.length], Float32Array.from(values))
  const state = {
    'actor/0/kernel': tensor(1, -2),
    'actorOptimizer/m/0/kernel': tensor(0.5, -0.25),
    'actorOptimizer/v/0/kernel': tensor(0.002, NaN),
    step: tensor(7)
  }
  const snapshot = {
    ...{ step: 7, state, derived: {}, heldOutDerived: {}, window: { count: 0, sums: [] } },
    ...{ activeSeconds: 1, callSteps: 1, evaluationDue: false, pendingEvaluation: null }
  }
  const { name } = await writeCheckpoint(folder, snapshot, 'pause', checkpointRun)
  const { state: read } = (await readCheckpoint(folder, name)).snapshot
  expect(Object.keys(read).sort()).toEqual([
    'actor/0/kernel',
    'actorOptimizer/gradientSum/0/kernel',
    'actorOptimizer/squareSum/0/kernel',
    'step'
  ])
  const sums = read['actorOptimizer/gradientSum/0/kernel'].data
  expect([sums[0], sums[1]]).toEqual([5, -2.5])
  const squares = read['actorOptimizer/squareSum/0/kernel'].data
  expect(squares[0]).toBeCloseTo(2, 6)
  expect(squares[1]).toBeNaN()
  expect([...read['actor/0/kernel'].data]).toEqual([1, -2])
})
