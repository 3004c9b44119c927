import { expect, test, vi } from 'vitest'
import { effectScope, nextTick, shallowRef } from 'vue'
import type { EnvironmentInfo } from '../../../../src-preload/contract/algorithms.ts'
import type { Plan } from '../../../../src-preload/contract/runs.ts'
import { parseSeeds } from '../../../../src-renderer/features/train/seeds.ts'
import { unsuitable, unsuitableReason } from '../../../../src-renderer/features/train/suitability.ts'
import { useEstimate } from '../../../../src-renderer/features/train/useEstimate.ts'
import { usePlan } from '../../../../src-renderer/features/train/usePlan.ts'
import { algorithm, dataset, run, settle } from '../../support.ts'

test('seeds are lists and ranges, each once', () => {
  expect(parseSeeds('0-2, 5 1').seeds).toEqual([0, 1, 2, 5])
  expect(parseSeeds('3 - 4').seeds).toEqual([3, 4])
  expect(parseSeeds('0..1').seeds).toEqual([0, 1])
})

test('what is no seed is named', () => {
  expect(parseSeeds('0, x').problem).toContain('“x”')
  expect(parseSeeds('-1').problem).not.toBeNull()
  expect(parseSeeds('1.5').problem).toContain('1.5')
  expect(parseSeeds('4-2').problem).toContain('backwards')
  expect(parseSeeds('0-100').problem).toContain('100')
  expect(parseSeeds('').problem).not.toBeNull()
})

test('data that lack what an algorithm needs say what', () => {
  expect(unsuitable(algorithm(), dataset())).toBeNull()
  expect(unsuitable(algorithm(), dataset({ hasRewards: false }))).toContain('rewards')
  expect(
    unsuitable(algorithm({ needs: ['episodes'] }), dataset({ episodes: 50, transitions: 50 }))
  ).toContain('order')
  expect(unsuitable(algorithm({ actions: ['discrete'] }), dataset())).toContain('continuous')
  const reason = unsuitableReason(algorithm(), [dataset(), dataset({ name: 'Silent', hasRewards: false })])
  expect(reason).toContain('Silent')
})

function draftOf() {
  const datasets = [dataset(), dataset({ id: 'd2', name: 'Hopper', environmentId: null })]
  const teaching = { id: 'crossroads', domain: 'teaching' } as EnvironmentInfo
  return effectScope().run(() =>
    usePlan({
      datasets: () => datasets,
      algorithms: () => [algorithm()],
      environment: id => (id === 'crossroads' ? teaching : null)
    })
  )!
}

test('a plan needs data, an algorithm and seeds, and says what is missing', () => {
  const draft = draftOf()
  expect(draft.plan.value).toBeNull()
  expect(draft.missing.value).toEqual(['a dataset', 'an algorithm'])
  draft.toggleDataset('d1')
  draft.add(algorithm())
  draft.seedText.value = 'x'
  expect(draft.missing.value).toEqual(['seeds'])
  draft.seedText.value = '0-1'
  expect(draft.plan.value).toEqual({
    name: '',
    datasets: ['d1'],
    algorithms: [{ algorithm: 'iql', config: { expectile: 0.9, gradientSteps: 8000 } }],
    seeds: [0, 1],
    engine: 'auto',
    threads: 0,
    precision: 'float32'
  })
  draft.seedsInOneGraph.value = 'on'
  expect(draft.plan.value?.seedsInOneGraph).toBe('on')
})

test('a setting with a problem blocks the plan until it is corrected', () => {
  const draft = draftOf()
  draft.toggleDataset('d1')
  draft.add(algorithm())
  const { key, config } = draft.choices.value[0]!
  draft.change(key, { config: { ...config, expectile: 1 } })
  expect(draft.plan.value).toBeNull()
  expect(draft.missing.value).toEqual(['corrections of the marked settings'])
  draft.change(key, { config: { ...config, expectile: 0.8 } })
  expect(draft.plan.value?.algorithms[0]?.config.expectile).toBe(0.8)
})

test('untouched settings follow the domain of the data, changed ones stay', async () => {
  const draft = draftOf()
  draft.add(algorithm())
  draft.add(algorithm())
  expect(draft.choices.value[0]?.config.expectile).toBe(0.7)
  draft.change(draft.choices.value[1]!.key, { config: { expectile: 0.6, gradientSteps: 10 } })
  draft.toggleDataset('d1')
  await nextTick()
  expect(draft.choices.value.map(choice => choice.config.expectile)).toEqual([0.9, 0.6])
})

const plan = (name: string): Plan => ({
  name,
  datasets: ['d1'],
  algorithms: [],
  seeds: [0],
  engine: 'auto',
  threads: 0,
  precision: 'float32'
})

test('an estimate that arrives after its plan has changed is dropped', async () => {
  vi.useFakeTimers()
  const answers: ((runs: number) => void)[] = []
  const client = {
    runs: {
      estimate: () =>
        new Promise(resolve =>
          answers.push(runs => resolve({ runs, seconds: 1, basis: '', rolloutBytes: 0, problems: [] }))
        )
    }
  } as unknown as Parameters<typeof useEstimate>[0]
  const current = shallowRef<Plan | null>(plan('a'))
  const scope = effectScope()
  const live = scope.run(() => useEstimate(client, current))!
  vi.advanceTimersByTime(300)
  current.value = plan('b')
  await nextTick()
  vi.advanceTimersByTime(300)
  answers[0]!(1)
  await settle()
  expect(live.estimate.value).toBeNull()
  expect(live.pending.value).toBe(true)
  answers[1]!(2)
  await settle()
  expect(live.estimate.value?.runs).toBe(2)
  expect(live.pending.value).toBe(false)
  current.value = null
  await nextTick()
  expect(live.estimate.value).toBeNull()
  scope.stop()
  vi.useRealTimers()
})

test('a plan from a run has its data, settings, seed and precision, and is not drawn to a preset', async () => {
  const draft = draftOf()
  draft.add(algorithm())
  draft.adopt(
    run({
      algorithm: 'iql',
      datasetId: 'd1',
      seed: 7,
      precision: 'bfloat16',
      config: { expectile: 0.55, gradientSteps: 300, setting: 'of another version' }
    })
  )
  await nextTick()
  expect(draft.plan.value).toMatchObject({
    datasets: ['d1'],
    seeds: [7],
    precision: 'bfloat16',
    algorithms: [{ algorithm: 'iql', config: { expectile: 0.55, gradientSteps: 300 } }]
  })
  expect(draft.plan.value?.algorithms[0]?.config).not.toHaveProperty('setting')
  expect(draft.choices.value).toHaveLength(1)
})

test('a plan from a run whose data are gone asks for data', () => {
  const draft = draftOf()
  draft.adopt(run({ algorithm: 'iql', datasetId: 'deleted', seed: 0, precision: 'float32', config: {} }))
  expect(draft.missing.value).toEqual(['a dataset'])
})
