import { expect, test } from 'vitest'
import type { Problem } from '../../../src-main/algorithms/algorithm.ts'
import { iql } from '../../../src-main/algorithms/iql.ts'
import { floats, type HostTensors } from '../../../src-main/base/tensors.ts'
import {
  cells,
  crossroadsGrid,
  gridMoves,
  gridSize,
  oneHotOffset
} from '../../../src-main/environments/crossroadsGrid.ts'
import { crossroadsGridDemonstrations } from '../../../src-main/environments/recipes/crossroadsGrid.ts'
import { initAdam } from '../../../src-main/nn/adam.ts'
import { copyOf } from '../../../src-main/nn/parameters.ts'
import { describeEngines } from '../../support/engines.ts'
import { type Columns, programOf, train } from './programs.ts'

const places = gridSize * gridSize
const discount = 0.95
const problem: Problem = {
  observationSize: places,
  action: { kind: 'discrete', count: gridMoves.length },
  unboundedActions: false
}

/** The demonstrations as distinct transitions with how often each occurs, one-hot in cell and action. */
function transitions(): { columns: Columns; counts: number[] } {
  const seen = new Map<
    string,
    { cell: number; action: number; next: number; reward: number; terminal: boolean; count: number }
  >()
  for (const episode of crossroadsGridDemonstrations.generate(0).episodes) {
    const width = crossroadsGrid.observationSize
    const cellAt = (t: number) =>
      episode.observations.slice(t * width + oneHotOffset, (t + 1) * width).indexOf(1)
    for (let t = 0; t < episode.length; t++) {
      const [cell, next, action] = [cellAt(t), cellAt(t + 1), episode.actions[t]]
      const terminal = t === episode.length - 1 && episode.endReason === 'terminated'
      const known = seen.get(`${cell}/${action}`)
      if (known) known.count++
      else
        seen.set(`${cell}/${action}`, { cell, action, next, reward: episode.rewards[t], terminal, count: 1 })
    }
  }
  const rows = [...seen.values()]
  const oneHot = (width: number, index: (row: (typeof rows)[number]) => number) => {
    const data = new Float32Array(rows.length * width)
    rows.forEach((row, i) => (data[i * width + index(row)] = 1))
    return { width, data }
  }
  const column = (value: (row: (typeof rows)[number]) => number) => ({
    width: 1,
    data: Float32Array.from(rows, value)
  })
  return {
    counts: rows.map(({ count }) => count),
    columns: {
      observations: oneHot(places, row => row.cell),
      actions: oneHot(gridMoves.length, row => row.action),
      rewards: column(row => row.reward),
      nextObservations: oneHot(places, row => row.next),
      nonTerminal: column(row => (row.terminal ? 0 : 1))
    }
  }
}

/** Networks without a hidden layer: over one-hot cells they are tables. */
function tables(): HostTensors {
  const table = (outputs: number): HostTensors => ({
    '0/kernel': floats([places, outputs]),
    '0/bias': floats([outputs])
  })
  const under = (name: string, tensors: HostTensors) =>
    Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [`${name}/${key}`, tensor]))
  const twins = { ...under('1', table(gridMoves.length)), ...under('2', table(gridMoves.length)) }
  const parameters = { actor: table(gridMoves.length), value: table(1), critic: twins }
  return {
    ...Object.assign(
      {},
      ...Object.entries(parameters).map(([group, own]) => ({ ...under(group, own), ...initAdam(group, own) }))
    ),
    ...under('targetCritic', copyOf(twins)),
    step: floats([])
  } as HostTensors
}

const { columns, counts } = transitions()
/** Every batch is the whole data: each distinct transition as often as it occurs. */
const everyRow = counts.flatMap((count, row) => Array.from({ length: count }, () => row))
const cellIndex = ({ column, row }: { readonly column: number; readonly row: number }) =>
  column + gridSize * row
const [right, down] = [1, 2]

/** Ends of the demonstrations at C: 84 go right to nothing, 40 down to the goal, four moves away. */
function exactValue(expectile: number): number {
  const share = 40 / 124
  return (expectile * share * discount ** 3) / (expectile * share + (1 - expectile) * (1 - share))
}

test('the exact values are those of the table', () => {
  expect([0.5, 0.7, 0.9].map(expectile => exactValue(expectile).toFixed(3))).toEqual([
    '0.277',
    '0.451',
    '0.695'
  ])
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(84 * 8 + 40 * 8 + 76 * 4)
})

describeEngines('IQL on the Crossroads grid, where values are known exactly', engine => {
  const slow = engine.id === 'eager' ? ' (SKIPPED: takes minutes op by op)' : ''
  test.skipIf(slow !== '').each([0.5, 0.7, 0.9])(
    `expectile %d${slow}`,
    { timeout: 300_000 },
    async expectile => {
      let state = tables()
      for (const rate of [0.01, 0.003]) {
        const config = iql.schema.parse({
          ...{ expectile, discount, polyak: 0.05, batchSize: everyRow.length, inverseTemperature: 20 },
          ...{
            valueLearningRate: rate,
            criticLearningRate: rate,
            actorLearningRate: rate,
            learningRateSchedule: 'constant'
          }
        })
        const steps = 800
        const program = programOf(iql, config, problem, state, columns)
        const indices = Int32Array.from(
          { length: steps * everyRow.length },
          (_, i) => everyRow[i % everyRow.length]
        )
        state = (await train(engine, program, state, columns, indices, {}, 100)).state
      }
      const value = (cell: number) => state['value/0/kernel'].data[cell] + state['value/0/bias'].data[0]
      const q = (cell: number, action: number) =>
        state['critic/1/0/kernel'].data[cell * gridMoves.length + action] +
        state['critic/1/0/bias'].data[action]
      const crossing = cellIndex(cells.crossing)
      expect(value(crossing)).toBeCloseTo(exactValue(expectile), 4)
      expect(q(crossing, right)).toBeCloseTo(0, 4)
      expect(q(crossing, down)).toBeCloseTo(discount ** 3, 4)
      // From S the consolation is worth 0.4 discount^3; C, four moves away, only more for a high expectile.
      const start = cellIndex(cells.start)
      expect(q(start, down)).toBeCloseTo(0.4 * discount ** 3, 4)
      expect(q(start, right)).toBeCloseTo(discount ** 4 * exactValue(expectile), 4)
      expect(q(start, right) > q(start, down)).toBe(expectile >= 0.7)
    }
  )
})
