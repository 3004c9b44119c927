import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { algorithmInfo, algorithms } from '../../../src-main/algorithms/index.ts'
import { problemText } from '../../../src-main/cli/commands/train.ts'
import { buildPlan, readPlanFile, readSeeds, type TrainOptions } from '../../../src-main/cli/plan.ts'

const infos = algorithms.map(algorithmInfo)
const folder = mkdtempSync(join(tmpdir(), 'stitchwork-plan-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (text: string, name = 'plan.yaml') => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const options = (more: Partial<TrainOptions> = {}): TrainOptions => ({
  dataset: [],
  algorithm: [],
  set: [],
  ...more
})

describe('seeds', () => {
  it.each([
    ['0-4', [0, 1, 2, 3, 4]],
    ['0,1,2', [0, 1, 2]],
    ['7', [7]],
    ['0-1, 5,5', [0, 1, 5]]
  ])('reads %s', (text, seeds) => expect(readSeeds(text)).toEqual(seeds))
  it.each(['', 'a', '3-1', '-1', '1.5', '0-1000'])('refuses %j', text =>
    expect(() => readSeeds(text)).toThrow('write 0-4 or 0,1,2')
  )
})

describe('plan of options', () => {
  it('places settings where they belong', () => {
    const plan = buildPlan(
      null,
      options({
        dataset: ['pendulum'],
        algorithm: ['bc', 'IQL'],
        seeds: '0-2',
        set: ['gradientSteps=500', 'expectile=0.7', 'iql.discount=0.95']
      }),
      infos
    )
    expect(plan).toMatchObject({ datasets: ['pendulum'], seeds: [0, 1, 2], engine: 'auto', threads: 0 })
    expect(plan.algorithms).toEqual([
      { algorithm: 'bc', config: { gradientSteps: 500 } },
      { algorithm: 'iql', config: { gradientSteps: 500, expectile: 0.7, discount: 0.95 } }
    ])
  })

  it.each([
    ['64,64', [64, 64]],
    ['[64, 64]', [64, 64]],
    ['64', [64]],
    ['64, wide', '64, wide'],
    ['64,', '64,']
  ])('takes hiddenSizes=%s for %j', (text, value) => {
    const asked = options({ dataset: ['d'], algorithm: ['iql'], set: [`hiddenSizes=${text}`] })
    expect(buildPlan(null, asked, infos).algorithms[0].config).toEqual({ hiddenSizes: value })
  })

  it('tells what is wrong in one sentence, once for all algorithms that have it', () => {
    const wrong = { field: 'hiddenSizes', text: 'must be a list of numbers, not "a"' }
    const problems = [
      { algorithm: 'bc', ...wrong },
      { algorithm: 'iql', ...wrong },
      { algorithm: 'iql', field: 'expectile', text: 'must be below 1, not 2' },
      { algorithm: null, field: null, text: 'seed 1 is listed twice' }
    ]
    expect(problemText(problems)).toBe(
      'bc, iql: hiddenSizes: must be a list of numbers, not "a"; iql: expectile: must be below 1, not 2; seed 1 is listed twice'
    )
  })

  it('takes whether seeds train in one graph from the option, else the file; auto goes without saying', () => {
    const written = readPlanFile(file('datasets: [d]\nalgorithms: [bc]\nseedsInOneGraph: on\n'))
    expect(buildPlan(written, options(), infos).seedsInOneGraph).toBe('on')
    expect(buildPlan(written, options({ seedsInOneGraph: 'off' }), infos).seedsInOneGraph).toBe('off')
    expect(buildPlan(written, options({ seedsInOneGraph: 'auto' }), infos)).not.toHaveProperty(
      'seedsInOneGraph'
    )
    expect(() => buildPlan(written, options({ seedsInOneGraph: 'maybe' }), infos)).toThrow(
      '--seeds-in-one-graph maybe: choose one of auto, on, off'
    )
  })

  it('takes the precision of the option, else of the file, else float32', () => {
    const written = readPlanFile(file('datasets: [d]\nalgorithms: [bc]\nprecision: bfloat16\n'))
    expect(buildPlan(written, options(), infos).precision).toBe('bfloat16')
    expect(buildPlan(written, options({ precision: 'tf32' }), infos).precision).toBe('tf32')
    const named = options({ dataset: ['d'], algorithm: ['bc'] })
    expect(buildPlan(null, named, infos).precision).toBe('float32')
    expect(() => buildPlan(null, { ...named, precision: 'int4' }, infos)).toThrow(
      '--precision int4: choose one of float32, bfloat16, tf32'
    )
  })

  it('starts from presets by id or domain, with settings on top', () => {
    const { config } = infos
      .find(info => info.id === 'iql')!
      .presets.find(preset => preset.domain === 'teaching')!
    const plan = buildPlan(
      null,
      options({ dataset: ['d'], algorithm: ['iql'], preset: 'teaching', set: ['expectile=0.6'] }),
      infos
    )
    expect(plan.algorithms[0].config).toEqual({ ...config, expectile: 0.6 })
  })

  it.each([
    [{ dataset: ['d'] }, 'no algorithm is named; say --algorithm ID with one of bc'],
    [{ algorithm: ['bc'] }, 'no dataset is named'],
    [{ dataset: ['d'], algorithm: ['ddpg'] }, 'no algorithm is called ddpg; choose from bc'],
    [
      { dataset: ['d'], algorithm: ['bc'], set: ['expectile=0.7'] },
      'none of the chosen algorithms has a setting expectile; there are'
    ],
    [
      { dataset: ['d'], algorithm: ['bc'], set: ['iql.expectile=0.7'] },
      'iql has no setting expectile; that algorithm is not among the chosen ones'
    ],
    [{ dataset: ['d'], algorithm: ['bc'], set: ['gradientSteps'] }, '--set gradientSteps: write field=value'],
    [{ dataset: ['d'], algorithm: ['bc'], preset: 'moon' }, 'bc has no preset moon']
  ])('refuses %j', (given, sentence) => {
    expect(() => buildPlan(null, options(given), infos)).toThrow(sentence)
  })
})

describe('plan file', () => {
  const yaml = `
name: hopper comparison
datasets: [hopper, pendulum]
algorithms:
  - bc
  - algorithm: iql
    preset: teaching
    label: IQL high
    config: { expectile: 0.95 }
seeds: [3, 4]
config: { gradientSteps: 1000 }
`
  it('reads lists of datasets, algorithms and seeds', () => {
    const plan = buildPlan(readPlanFile(file(yaml)), options(), infos)
    expect(plan).toMatchObject({ name: 'hopper comparison', datasets: ['hopper', 'pendulum'], seeds: [3, 4] })
    expect(plan.algorithms[0]).toEqual({ algorithm: 'bc', config: { gradientSteps: 1000 } })
    expect(plan.algorithms[1]).toMatchObject({
      label: 'IQL high',
      config: { expectile: 0.95, gradientSteps: 1000 }
    })
  })

  it('reads the same as JSON, and options win over it', () => {
    const json = JSON.stringify({ datasets: ['a'], algorithms: ['bc'], config: { gradientSteps: 10 } })
    const plan = buildPlan(
      readPlanFile(file(json, 'plan.json')),
      options({ dataset: ['b'], seeds: '9', set: ['gradientSteps=20'] }),
      infos
    )
    expect(plan).toMatchObject({
      datasets: ['b'],
      seeds: [9],
      algorithms: [{ config: { gradientSteps: 20 } }]
    })
  })

  it.each([
    ['datasets: []\nalgorithms: [bc]', 'datasets: '],
    ['datasets: [a]\nalgorithms: [bc]\nseed: [1]', 'the file: Unrecognized key'],
    ['datasets: [a]\nalgorithms: [bc]\nseeds: [a]', 'seeds.0: '],
    ['datasets: [a\n', 'plan.yaml: ']
  ])('refuses %j with the file and the place', (text, part) => {
    const path = file(text)
    expect(() => readPlanFile(path)).toThrow(path)
    expect(() => readPlanFile(path)).toThrow(part)
  })
})
