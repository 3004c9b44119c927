import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { algorithmInfo as infoSchema } from '../../../src-preload/contract/algorithms.ts'
import { awac } from '../../../src-main/algorithms/awac.ts'
import { field } from '../../../src-main/algorithms/config.ts'
import { configFields } from '../../../src-main/algorithms/fields.ts'
import { algorithmById, algorithmInfo, algorithms } from '../../../src-main/algorithms/index.ts'
import { iql } from '../../../src-main/algorithms/iql.ts'
import { checkConfig } from '../../../src-main/algorithms/validate.ts'

describe('the list of algorithms', () => {
  test('holds the five, simple to elaborate, all for continuous and discrete actions', () => {
    expect(algorithms.map(({ id }) => id)).toEqual(['bc', 'filteredBc', 'awr', 'awac', 'iql'])
    for (const { actions } of algorithms) expect(actions).toEqual(['continuous', 'discrete'])
  })

  test('an unknown id names the known ones', () => {
    expect(() => algorithmById('cql')).toThrow(/cql; choose one of bc, filteredBc, awr, awac, iql/)
  })

  test.each(algorithms.map(algorithm => [algorithm.id, algorithm] as const))(
    '%s fits the contract and documents itself',
    (_id, algorithm) => {
      const info = infoSchema.parse(JSON.parse(JSON.stringify(algorithmInfo(algorithm))))
      expect(info.summary.length).toBeGreaterThan(40)
      for (const each of info.fields) {
        expect(each.description, each.name).toMatch(/\.$/)
        expect(each.default, each.name).not.toBeUndefined()
        if (each.when) expect(info.fields.map(({ name }) => name)).toContain(each.when.field)
      }
      expect(info.presets.map(({ domain }) => domain).sort()).toEqual([
        'classic control',
        'locomotion',
        'maze',
        'teaching'
      ])
    }
  )

  test.each(algorithms.flatMap(algorithm => algorithm.presets.map(preset => [algorithm, preset] as const)))(
    'preset $1.id of $0.id is valid',
    (algorithm, preset) => {
      expect(checkConfig(algorithm, preset.config).problems).toEqual([])
    }
  )

  test('defaults are the published ones', () => {
    const ofIql = iql.schema.parse({})
    expect(ofIql).toMatchObject({
      expectile: 0.7,
      inverseTemperature: 3,
      maxAdvantageWeight: 100,
      discount: 0.99
    })
    expect(ofIql).toMatchObject({
      polyak: 0.005,
      learningRateSchedule: 'cosine',
      hiddenSizes: [256, 256],
      batchSize: 256
    })
    const ofAwac = awac.schema.parse({})
    expect(ofAwac).toMatchObject({
      temperature: 1,
      maxAdvantageWeight: 100,
      hiddenSizes: [256, 256, 256],
      valueSamples: 1
    })
    expect(algorithmById('awr').schema.parse({})).toMatchObject({ maxAdvantageWeight: 20, lambda: 1 })
    expect(algorithmById('filteredBc').schema.parse({})).toMatchObject({
      keep: 'timesteps',
      timestepShare: 0.1
    })
  })

  test('in the locomotion preset all algorithms see the same observations', () => {
    const seen = algorithms.map(({ schema, presets }) =>
      schema.parse(presets.find(({ id }) => id === 'locomotion')?.config)
    )
    expect(seen.map(config => config.normalizeObservations)).toEqual(seen.map(() => true))
  })

  test('needs follow the settings', () => {
    expect(awac.needs(awac.schema.parse({ nextAction: 'data' }))).toContain('nextActions')
    expect(awac.needs(awac.schema.parse({ nextAction: 'policy' }))).not.toContain('nextActions')
    expect(algorithmById('bc').needs(algorithmById('bc').schema.parse({}))).toEqual([])
  })
})

describe('form fields', () => {
  const meta = { title: 'T', section: 'algorithm' } as const
  const one = (schema: z.ZodType) => configFields(z.object({ x: schema }))[0]

  test('carry bounds, and whether these are allowed themselves', () => {
    const open = one(field(z.number().gt(0).lt(1).default(0.5), 'Text.', { ...meta, unit: 'reward' }))
    expect(open).toMatchObject({
      kind: 'number',
      minimum: 0,
      maximum: 1,
      exclusiveMinimum: true,
      exclusiveMaximum: true
    })
    expect(open).toMatchObject({ default: 0.5, description: 'Text.', unit: 'reward', when: null })
    const closed = one(field(z.int().min(1).default(3), 'Text.', meta))
    expect(closed).toMatchObject({ kind: 'integer', minimum: 1, maximum: null, exclusiveMinimum: false })
  })

  test('list choices with their labels, arrays with the bounds of their items, and dependences', () => {
    const when = { field: 'y', value: 'b' }
    const choice = one(
      field(z.enum(['a', 'b']).default('a'), 'Text.', { ...meta, labels: { a: 'First' }, when })
    )
    expect(choice.choices).toEqual([
      { value: 'a', label: 'First' },
      { value: 'b', label: 'b' }
    ])
    expect(choice.when).toEqual(when)
    const sizes = one(field(z.array(z.int().min(1).max(9)).default([2]), 'Text.', meta))
    expect(sizes).toMatchObject({ kind: 'numbers', minimum: 1, maximum: 9, default: [2] })
  })

  test('a field without words is a bug', () => {
    expect(() => one(z.number().default(1))).toThrow(/config field x needs a title/)
  })
})

describe('checking a configuration', () => {
  test('fills in defaults', () => {
    const { config, problems } = checkConfig(iql, { expectile: 0.9 })
    expect(problems).toEqual([])
    expect(config).toMatchObject({ expectile: 0.9, inverseTemperature: 3 })
  })

  test.each([
    [{ expectile: 1 }, 'expectile', 'must be below 1, not 1'],
    [{ dropout: -0.5 }, 'dropout', 'must be at least 0, not -0.5'],
    [{ batchSize: 'many' }, 'batchSize', 'must be a number, not "many"'],
    [{ batchSize: 2.5 }, 'batchSize', 'must be a whole number, not 2.5'],
    [{ hiddenSizes: [] }, 'hiddenSizes', 'must be at least 1 entries, not []'],
    [{ hiddenSizes: [0] }, 'hiddenSizes', 'must be at least 1, not 0'],
    [
      { rewardScaling: 'half' },
      'rewardScaling',
      'must be one of none, returnRange, standardize, minusOne, not "half"'
    ],
    [{ discount: NaN }, 'discount', 'must be a number, not null']
  ])('%o: the rule and the value, beside the field', (input, field, text) => {
    expect(checkConfig(iql, input)).toEqual({ config: null, problems: [{ field, text }] })
  })

  test('names a setting that the algorithm does not have', () => {
    expect(checkConfig(iql, { temperature: 1 }).problems).toEqual([
      { field: 'temperature', text: 'Implicit Q-learning has no setting named temperature' }
    ])
  })
})
