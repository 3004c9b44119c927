import { expect, test } from 'vitest'
import { algorithmById } from '../../../src-main/algorithms/index.ts'
import { environmentById } from '../../../src-main/environments/index.ts'
import { keepsRollouts, keptRolloutBytes, rolloutBytes } from '../../../src-main/training/rolloutSchedule.ts'

const stepsOf = (evalEvery: number, gradientSteps: number): number[] => {
  const steps = []
  for (let step = evalEvery; step < gradientSteps; step += evalEvery) steps.push(step)
  return [...steps, gradientSteps]
}
const kept = (evalEvery: number, gradientSteps: number): number[] =>
  stepsOf(evalEvery, gradientSteps).filter(step => keepsRollouts({ evalEvery, gradientSteps }, step))

test('up to 50 evaluations keep their rollouts, all of them', () => {
  expect(kept(20, 1000)).toEqual(stepsOf(20, 1000))
  expect(kept(30, 100)).toEqual([30, 60, 90, 100])
  expect(keepsRollouts({ evalEvery: 0, gradientSteps: 100 }, 100)).toBe(true)
})

test('of more, every n-th does, the last one among them', () => {
  expect(kept(10, 1000).slice(-3)).toEqual([960, 980, 1000])
  expect(kept(2_000, 1_000_000)).toHaveLength(50)
  expect(kept(1_000, 51_000)).toHaveLength(26)
  expect(kept(1_000, 51_000).at(-1)).toBe(51_000)
})

test.each([
  [20, 1000],
  [30, 100],
  [2_000, 1_000_000],
  [1_000, 51_500]
])('the disk estimate counts them: every %i of %i steps', (evalEvery, gradientSteps) => {
  const environment = environmentById('hopper-v4')!
  const config = algorithmById('bc').schema.parse({
    evalEvery,
    gradientSteps,
    evalEpisodes: 3,
    keepRollouts: 4
  })
  const count = kept(evalEvery, gradientSteps).length
  expect(keptRolloutBytes(config, environment)).toBe(count * 3 * rolloutBytes(environment))
  expect(keptRolloutBytes({ ...config, keepRollouts: 0 }, environment)).toBe(0)
  expect(keptRolloutBytes(config, undefined)).toBe(0)
})
