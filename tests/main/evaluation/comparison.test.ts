import { describe, expect, it } from 'vitest'
import { comparison as comparisonSchema } from '../../../src-preload/contract/compare.ts'
import { run as runSchema } from '../../../src-preload/contract/runs.ts'
import type { Run } from '../../../src-preload/contract/runs.ts'
import { compareRuns } from '../../../src-main/evaluation/comparison.ts'
import type { ComparedRun, ComparisonInput } from '../../../src-main/evaluation/comparison.ts'

const pendulumScale = { low: -1200, high: -200, source: 'random 0, expert 100' }

let serial = 0
function makeRun(changes: Partial<Run>): Run {
  serial++
  return runSchema.parse({
    id: `run-${serial}`,
    name: `run ${serial}`,
    note: '',
    experimentId: 'experiment',
    experimentName: 'Experiment',
    groupKey: 'bc',
    groupName: 'BC',
    datasetId: 'data-a',
    datasetName: 'old name of A',
    environmentId: 'pendulum',
    algorithm: 'bc',
    seed: serial,
    config: { batchSize: 256, evalEpisodes: 20, evalEvery: 100, gradientSteps: 1000, heldOutShare: 0.1 },
    colour: 2,
    state: 'finished',
    reason: null,
    progress: {
      step: 1000,
      totalSteps: 1000,
      stepsPerSecond: 0,
      secondsLeft: 0,
      nextEvaluationStep: null,
      lastCheckpointStep: null,
      lastCheckpointAt: null,
      memoryBytes: 0,
      phase: ''
    },
    precision: 'float32',
    engine: { id: 'onnx', version: '1', threads: 1, device: 'cpu', precision: 'float32' },
    bitExact: true,
    finalReturn: -500,
    finalScore: 70,
    bestReturn: -400,
    createdAt: 0,
    startedAt: 0,
    endedAt: 1,
    activeSeconds: 10,
    queuePosition: null,
    archived: false,
    ...changes
  })
}

const compared = (changes: Partial<Run>, more: Partial<ComparedRun> = {}): ComparedRun => ({
  run: makeRun(changes),
  finalLength: 200,
  scoreReference: pendulumScale,
  ...more
})

const datasets = [
  { id: 'data-a', name: 'A', meanReturn: -700, bestReturn: -150 },
  { id: 'data-b', name: 'B', meanReturn: -300, bestReturn: -120 },
  { id: 'data-c', name: 'C', meanReturn: 0, bestReturn: 0 }
]
const compare = (runs: ComparedRun[], more: Partial<ComparisonInput> = {}) =>
  compareRuns({ runs, datasets, titleOf: (_algorithm, field) => `Title of ${field}`, ...more })

const iql = (changes: Partial<Run> = {}): Partial<Run> => ({
  groupKey: 'iql',
  groupName: 'IQL',
  algorithm: 'iql',
  colour: 5,
  config: {
    batchSize: 256,
    expectile: 0.9,
    evalEpisodes: 20,
    evalEvery: 100,
    gradientSteps: 1000,
    heldOutShare: 0.1
  },
  ...changes
})
const fiveSeeds = (returns: number[], changes: Partial<Run> = {}) =>
  returns.map((finalReturn, seed) => compared({ ...changes, seed, finalReturn }))

describe('compareRuns', () => {
  it('groups seeds and states mean, spread and number of their final returns', () => {
    const result = compare([
      ...fiveSeeds([-500, -400, -600, -300, -700]),
      ...fiveSeeds([-200, -210, -190, -205, -195], iql())
    ])
    expect(comparisonSchema.parse(result)).toEqual(result)
    const [bc, second] = result.groups
    expect([bc.name, second.name]).toEqual(['BC', 'IQL'])
    expect([bc.colour, second.colour]).toEqual([2, 5])
    expect(bc.seeds).toEqual([0, 1, 2, 3, 4])
    expect(bc.finalReturn).toMatchObject({ n: 5, mean: -500, median: -500, interquartileMean: -500 })
    expect(bc.finalReturn.standardDeviation).toBeCloseTo(158.114, 3)
    expect(bc.finalReturn.values).toEqual([-500, -400, -600, -300, -700])
    const [low, high] = [Number(bc.finalReturn.low), Number(bc.finalReturn.high)]
    expect(low).toBeGreaterThanOrEqual(-700)
    expect(low).toBeLessThan(-560)
    expect(high).toBeGreaterThan(-440)
    expect(bc.finalScore?.mean).toBe(70)
    expect(bc.finalLength.mean).toBe(200)
    expect(bc.stepsPerSecond.mean).toBe(100)
    expect([bc.unfinished, bc.broken]).toEqual([0, 0])
    expect(result.warnings).toEqual([])
  })

  it('tells runs that may still finish from those that failed or diverged', () => {
    const states = ['finished', 'running', 'failed', 'diverged', 'stopped'] as const
    const runs = states.map((state, seed) => compared({ state, seed, finalReturn: -seed }))
    expect(compare(runs).groups[0]).toMatchObject({ unfinished: 2, broken: 2 })
  })

  it('gives the same answer twice, and the order of the selection decides the order of the groups', () => {
    const runs = [...fiveSeeds([-1, -2, -3, -4, -5], iql()), ...fiveSeeds([-5, -4, -3, -2, -1])]
    expect(compare(runs)).toEqual(compare(runs))
    expect(compare(runs).groups.map(group => group.name)).toEqual(['IQL', 'BC'])
  })

  it('tells how probable it is that one group beats another', () => {
    const table = compare([...fiveSeeds([-3, -2]), ...fiveSeeds([-2, -1], iql())]).probabilityOfImprovement
    // pairs (-3, -2), (-3, -1), (-2, -2), (-2, -1): one tie
    expect(table).toEqual([
      [0.5, 0.125],
      [0.875, 0.5]
    ])
  })

  it('puts what differs first, with one value a group and null where a method has no such setting', () => {
    const { differences, shared } = compare([compared({}), compared(iql())])
    expect(differences).toEqual([
      { field: 'algorithm', title: 'Algorithm', values: ['bc', 'iql'] },
      { field: 'expectile', title: 'Title of expectile', values: [null, 0.9] }
    ])
    expect(shared.map(({ field, value }) => [field, value])).toContainEqual(['batchSize', 256])
    expect(shared.map(({ field, value }) => [field, value])).toContainEqual(['dataset', 'A'])
  })

  it('compares nested settings by value, not by the order of their keys', () => {
    const runs = [
      compared({ config: { network: { a: 1, b: [2, 3] } } }),
      compared({ groupKey: 'other', config: { network: { b: [2, 3], a: 1 } } }),
      compared({ groupKey: 'third', config: { network: { b: [3, 2], a: 1 } } })
    ]
    expect(compare(runs.slice(0, 2)).differences).toEqual([])
    expect(compare(runs).differences.map(({ field }) => field)).toEqual(['network'])
  })

  it('draws the data of the datasets involved and the ends of the score scale once', () => {
    const { references } = compare([
      ...fiveSeeds([-1, -2]),
      ...fiveSeeds([-1, -2], iql({ datasetId: 'data-b' }))
    ])
    expect(references).toEqual([
      { label: 'mean of A', value: -700, kind: 'dataMean' },
      { label: 'best of A', value: -150, kind: 'dataBest' },
      { label: 'mean of B', value: -300, kind: 'dataMean' },
      { label: 'best of B', value: -120, kind: 'dataBest' },
      { label: 'score 0', value: -1200, kind: 'low', source: pendulumScale.source },
      { label: 'score 100', value: -200, kind: 'high', source: pendulumScale.source }
    ])
  })

  it('draws no line for data without rewards', () => {
    const silent = [{ id: 'data-a', name: 'A', meanReturn: 'NaN' as const, bestReturn: 'NaN' as const }]
    const { references } = compare([compared({}, { scoreReference: null })], { datasets: silent })
    expect(references).toEqual([])
  })

  it('keeps non-finite results visible in the numbers and in words', () => {
    const { groups, warnings } = compare(fiveSeeds([-1, -2, -3, -4]).concat(compared({ finalReturn: 'NaN' })))
    expect(groups[0].finalReturn).toMatchObject({ n: 5, mean: 'NaN', low: 'NaN' })
    expect(groups[0].finalReturn.values).toContain('NaN')
    expect(warnings.join()).toContain('1 run ended with a non-finite return')
  })

  it('counts a run without an evaluation in no statistic', () => {
    const { groups, warnings } = compare([
      compared({ finalReturn: null, finalScore: null, bestReturn: null }, { finalLength: null }),
      compared({ finalReturn: -7 })
    ])
    expect(groups[0].finalReturn.values).toEqual([-7])
    expect(groups[0].finalReturn.standardDeviation).toBe('NaN')
    expect(warnings.join()).toContain('1 run finished without an evaluation')
  })
})

describe('warnings', () => {
  const warned = (second: Partial<Run>, more: Partial<ComparedRun> = {}) => {
    const others = [1, 2, 3, 4, 5].map(seed => compared({ ...iql(), ...second, seed }, more))
    return compare([...fiveSeeds([-1, -2, -3, -4, -5]), ...others])
  }
  const config = (changes: Record<string, unknown>) => ({ config: { ...iql().config, ...changes } })

  it.each([
    ['different datasets: A, B', { datasetId: 'data-b' }],
    ['different environments (BC pendulum, IQL cartpole)', { environmentId: 'cartpole' }],
    ['different numbers of episodes: BC 20, IQL 100', config({ evalEpisodes: 100 })],
    ['different numbers of gradient steps: BC 1,000, IQL 1,000,000', config({ gradientSteps: 1_000_000 })],
    ['different shares of the episodes; held out: BC 0.1, IQL 0', config({ heldOutShare: 0 })],
    ['different numbers of evaluations (one every BC 100, IQL 10 steps)', config({ evalEvery: 10 })],
    ['5 runs did not finish', { state: 'running' }],
    ['5 runs failed or diverged', { state: 'diverged' }],
    ['5 runs resumed with another engine', { bitExact: false }],
    [
      'Speeds come from different engines',
      { engine: { id: 'eager', version: '1', threads: 1, device: 'cpu', precision: 'float32' } }
    ],
    [
      'different precisions (float32, bfloat16)',
      { engine: { id: 'onnx', version: '1', threads: 1, device: 'cpu', precision: 'bfloat16' } }
    ]
  ] as const)('%s', (text, changes) => {
    const { warnings } = warned(changes)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain(text)
  })

  it('says when steps ran in different ways, but not of runs that tell none', () => {
    const runningAs = (mode: 'graph' | 'xla') => ({
      engine: { ...makeRun({}).engine!, execution: { mode, reason: 'a test' } }
    })
    const groups = (first: Partial<Run>, second: Partial<Run>) =>
      compare(
        [first, second].flatMap((change, i) =>
          [1, 2, 3, 4, 5].map(seed => compared({ ...iql(), groupKey: `group-${i}`, ...change, seed }))
        )
      )
    expect(groups(runningAs('graph'), runningAs('xla')).warnings).toEqual([
      expect.stringContaining('Steps ran in different ways (node by node; compiled by XLA)')
    ])
    expect(groups({}, runningAs('xla')).warnings).toEqual([])
  })

  it('leaves out scores of different references, and keeps the returns', () => {
    const result = warned({}, { scoreReference: { low: 0, high: 1, source: 'other' } })
    expect(result.warnings.join()).toContain('Scores are left out')
    expect(result.groups.map(group => group.finalScore)).toEqual([null, null])
    expect(result.groups[1].finalReturn.n).toBe(5)
    expect(warned({}).groups[0].finalScore).not.toBeNull()
  })

  it('does not compare returns of different tasks', () => {
    const table = warned({ environmentId: 'cartpole' }).probabilityOfImprovement
    expect(table[0][1]).toBe('NaN')
    expect(table[0][0]).toBe(0.5)
  })

  it('counts groups instead of naming each where there are many', () => {
    const group = (i: number) =>
      [1, 2, 3, 4, 5].map(seed =>
        compared({
          groupKey: `g${i}`,
          groupName: `G${i}`,
          environmentId: i < 4 ? 'pendulum' : 'cartpole',
          seed
        })
      )
    const { warnings } = compare([0, 1, 2, 3, 4].flatMap(group))
    expect(warnings.join()).toContain('(pendulum (4 groups), cartpole (1 group))')
    const few = compare([0, 1, 2, 3, 4, 5].map(i => compared({ groupKey: `g${i}`, groupName: `G${i}` })))
    expect(few.warnings).toContain('One seed says nothing about spread: G0, G1, G2, G3 and 2 more.')
  })

  it('says what few seeds cannot show', () => {
    const { warnings } = compare([compared({}), ...fiveSeeds([-1, -2, -3], iql())])
    expect(warnings).toEqual([
      'One seed says nothing about spread: BC.',
      'Intervals from fewer than 5 seeds are too narrow; look at the single seeds: IQL.',
      'The groups have different numbers of seeds: BC 1, IQL 3.'
    ])
  })
})
