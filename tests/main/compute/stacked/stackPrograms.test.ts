import { expect, test } from 'vitest'
import type { Engine } from '../../../../src-main/compute/engine.ts'
import { sameBitsInAnyStack } from '../../../../src-main/compute/stacked/sameBits.ts'
import {
  stackColumns,
  stackRequests,
  stackStates,
  unstackResult,
  unstackState
} from '../../../../src-main/compute/stacked/stackData.ts'
import { stackPrograms } from '../../../../src-main/compute/stacked/stackPrograms.ts'
import { describeEngines } from '../../../support/engines.ts'
import { requestFor } from '../programs.ts'
import { type Lane, laneCases, laneOf, problems, rows, trainAlone, type Trained, bc, iql } from './lanes.ts'

/** Lane i trains on the numbers of steps 10 i and following, so that no two lanes see the same. */
const requestOf = ({ program }: Lane, i: number, steps: number) => requestFor(program, rows, 10 * i, steps)

async function trainTogether(
  engine: Engine,
  lanes: readonly Lane[],
  steps: number,
  first = 0
): Promise<Trained[]> {
  const programs = lanes.map(({ program }) => program)
  const { columns, perLane } = stackColumns(
    programs[0],
    lanes.map(lane => lane.columns)
  )
  const session = await engine.compile(stackPrograms(programs, perLane), { threads: 1 })
  await session.load(stackStates(lanes.map(({ state }) => state)))
  await session.setColumns(columns)
  const requests = lanes.map((lane, i) => requestOf(lane, first + i, steps))
  const result = await session.run(stackRequests(programs[0], requests))
  const state = await session.read()
  await session.close()
  return lanes.map((_, lane) => ({
    ...unstackResult(result, programs[0].metrics.length, lanes.length, lane),
    state: unstackState(state, lane)
  }))
}

/** The largest relative difference in metrics and state. */
function difference(actual: Trained, expected: Trained): number {
  const errors = (a: ArrayLike<number>, b: ArrayLike<number>): number[] =>
    Array.from(b, (value, i) => Math.abs(a[i] - value) / Math.max(1, Math.abs(value)))
  const states = Object.entries(expected.state).flatMap(([name, { data }]) =>
    errors(actual.state[name].data, data)
  )
  return Math.max(...errors(actual.metrics, expected.metrics), ...states)
}

describeEngines('a stacked program', engine => {
  test.each(laneCases)('%s: every lane is as if alone', async (_name, algorithm, problem) => {
    const lanes = [0, 1, 2, 3].map(seed => laneOf(algorithm, problem, seed))
    const together = await trainTogether(engine, lanes, 6)
    for (const [i, lane] of lanes.entries()) {
      const alone = await trainAlone(engine, lane, requestOf(lane, i, 6))
      expect([...together[i].finite]).toEqual([1, 1, 1, 1, 1, 1])
      expect(difference(together[i], alone)).toBeLessThan(engine.id === 'eager' ? 1e-12 : 1e-5)
    }
  })

  const sized = sameBitsInAnyStack(engine.id)
  const reason = sized ? '' : ': SKIPPED, this engine does not promise it'
  const testSizes = sized ? test : test.skip
  testSizes.each(laneCases)(
    `%s: a lane has the same bits in a stack of any size${reason}`,
    async (_name, algorithm, problem) => {
      const lanes = [0, 1, 2, 3, 4].map(seed => laneOf(algorithm, problem, seed))
      const five = await trainTogether(engine, lanes, 6)
      for (const size of [2, 3]) {
        expect(await trainTogether(engine, lanes.slice(0, size), 6)).toEqual(five.slice(0, size))
        const others = await trainTogether(engine, lanes.slice(5 - size), 6, 5 - size)
        expect(others).toEqual(five.slice(5 - size))
      }
    }
  )

  test('a lane that becomes non-finite is flagged alone, and the others do not notice', async () => {
    const lanes = [0, 1, 2].map(seed => laneOf(iql, problems[0], seed))
    const kernel = Object.keys(lanes[1].state).find(name => name.startsWith('value/'))!
    const healthy = await trainTogether(engine, lanes, 4)
    lanes[1].state[kernel].data[0] = NaN
    const [first, broken, last] = await trainTogether(engine, lanes, 4)
    expect([...broken.finite]).toEqual([0, 0, 0, 0])
    expect(first).toEqual(healthy[0])
    expect(last).toEqual(healthy[2])
  })
})

test('lanes that do different things are refused with the place', () => {
  const lanes = [
    laneOf(iql, problems[0], 0),
    laneOf(iql, problems[0], 1, { learningRateSchedule: 'constant' })
  ]
  const stack = () =>
    stackPrograms(
      lanes.map(({ program }) => program),
      new Set()
    )
  expect(stack).toThrow(/different computations|operation \d+/)
})

test('lanes with data of different lengths are refused', () => {
  const { program, columns } = laneOf(iql, problems[0], 0)
  const shorter = { ...columns, rewards: columns.rewards.slice(1) }
  expect(() => stackColumns(program, [columns, shorter])).toThrow('different numbers of rows')
})

test('only columns that differ are kept per lane, row by row', () => {
  const { program, columns } = laneOf(bc, problems[0], 0)
  const other = { ...columns, actions: columns.actions.map(x => -x) }
  const stacked = stackColumns(program, [columns, other])
  expect([...stacked.perLane]).toEqual(['actions'])
  expect(stacked.columns.observations).toBe(columns.observations)
  const [x, y] = columns.actions
  expect([...stacked.columns.actions.slice(0, 4)]).toEqual([x, y, -x, -y])
})
