/** Exact values of the grid demonstrations, by tables instead of networks: what each method must do on this data. */
import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../../src-main/base/random.ts'
import {
  cells,
  crossroadsGrid,
  gridSize,
  oneHotOffset
} from '../../../../src-main/environments/crossroadsGrid.ts'
import type { Cell } from '../../../../src-main/environments/crossroadsGrid.ts'
import { crossroadsGridDemonstrations } from '../../../../src-main/environments/recipes/crossroadsGrid.ts'
import { returnsToGo } from '../../../../src-main/evaluation/returnsToGo.ts'

const discount = 0.95
const cellCount = gridSize * gridSize
const indexOf = ({ column, row }: Cell): number => column + gridSize * row

interface Visit {
  cell: number
  action: number
  reward: number
  next: number | null
  returnToGo: number
  episodeReturn: number
}

const visits: Visit[] = crossroadsGridDemonstrations.generate(0).episodes.flatMap(episode => {
  const width = crossroadsGrid.observationSize
  const cellAt = (t: number) =>
    episode.observations.subarray(t * width + oneHotOffset, (t + 1) * width).indexOf(1)
  const returns = returnsToGo(episode.rewards, discount)
  return Array.from({ length: episode.length }, (_, t) => ({
    cell: cellAt(t),
    action: episode.actions[t],
    reward: episode.rewards[t],
    next: t === episode.length - 1 && episode.endReason === 'terminated' ? null : cellAt(t + 1),
    returnToGo: returns[t],
    episodeReturn: episode.return
  }))
})

/** The expectile e of a sample: mean |expectile - 1(x < e)| (x - e) = 0. */
function expectileOf(values: readonly number[], expectile: number): number {
  let [low, high] = [Math.min(...values), Math.max(...values)]
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2
    const slope = values.reduce((sum, x) => sum + (x < middle ? 1 - expectile : expectile) * (x - middle), 0)
    if (slope > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** Q and V of implicit Q-learning at its fixed point. */
function implicitValues(expectile: number) {
  const v = new Float64Array(cellCount)
  const q = (visit: Visit) => visit.reward + (visit.next === null ? 0 : discount * v[visit.next])
  const byCell = Map.groupBy(visits, visit => visit.cell)
  for (let sweep = 0; sweep < 20; sweep++) {
    for (const [cell, here] of byCell) v[cell] = expectileOf(here.map(q), expectile)
  }
  return { v, q }
}

/** Return from S of acting by the largest weight in each visited cell; up where nothing is known. */
function greedyReturn(weight: (visit: Visit) => number): number {
  const table = new Float64Array(cellCount * 4)
  for (const visit of visits) table[4 * visit.cell + visit.action] += weight(visit)
  const state = Float64Array.of(cells.start.column, cells.start.row)
  const random = new RandomSequence(0, 'unused')
  for (let t = 0; t < crossroadsGrid.maxSteps; t++) {
    const row = [
      ...table.subarray(4 * (state[0] + gridSize * state[1]), 4 * (state[0] + gridSize * state[1]) + 4)
    ]
    const { reward, terminated } = crossroadsGrid.step(
      state,
      Float32Array.of(row.indexOf(Math.max(...row))),
      random
    )
    if (terminated) return reward
  }
  return 0
}

describe('exact values on the grid demonstrations', () => {
  it.each([
    [0.5, 0.277],
    [0.7, 0.451],
    [0.9, 0.695]
  ])('with expectile %f V(C) is %f', (expectile, expected) => {
    const { v } = implicitValues(expectile)
    const [p, best] = [40 / 124, discount ** 3]
    const closed = (expectile * p * best) / (expectile * p + (1 - expectile) * (1 - p))
    expect(v[indexOf(cells.crossing)]).toBeCloseTo(closed, 9)
    expect(v[indexOf(cells.crossing)]).toBeCloseTo(expected, 3)
  })

  it.each([
    [0.5, 0.4],
    [0.6, 0.4],
    [0.7, 1],
    [0.9, 1]
  ])('implicit Q-learning with expectile %f reaches %f from S', (expectile, expected) => {
    const { v, q } = implicitValues(expectile)
    // greedy extraction: the advantage decides, not how often an action was taken
    expect(greedyReturn(visit => Math.exp(100 * (q(visit) - v[visit.cell])))).toBe(expected)
  })

  it('cloning goes where most demonstrations went, and filtering only where the kept ones did', () => {
    expect(greedyReturn(() => 1)).toBe(0)
    expect(greedyReturn(visit => (visit.episodeReturn > 0 ? 1 : 0))).toBe(0.4)
    // the best 20 % of the episodes are the ones from T: they say nothing about S
    expect(greedyReturn(visit => (visit.episodeReturn === 1 ? 1 : 0))).toBe(0)
  })

  it.each([0.05, 0.2, 1, 2])('advantage weighting at temperature %f reaches 0.4', temperature => {
    const byCell = Map.groupBy(visits, visit => visit.cell)
    const mean = new Map(
      [...byCell].map(([cell, here]) => [
        cell,
        here.reduce((sum, visit) => sum + visit.returnToGo, 0) / here.length
      ])
    )
    expect(
      greedyReturn(visit => Math.exp((visit.returnToGo - (mean.get(visit.cell) ?? 0)) / temperature))
    ).toBe(0.4)
  })
})
