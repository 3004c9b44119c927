import { describe, expect, it } from 'vitest'
import type { BehaviourInfo } from '../../../../src-preload/contract/collect.ts'
import { toScalar } from '../../../../src-preload/contract/values.ts'
import { learningSpec, stateText, wholeNumber } from '../../../../src-renderer/features/collect/learning.ts'

const checkpoint = (steps: number, mean: number, deviation: number) => ({
  steps,
  meanReturn: toScalar(mean),
  standardDeviation: toScalar(deviation),
  score: null
})
const behaviour: BehaviourInfo = {
  id: 'hopper-v2-ppo-seed0',
  environmentId: 'hopper-v2',
  learner: 'ppo',
  seed: 0,
  steps: 4000,
  lived: 3000,
  state: 'training',
  reason: null,
  problem: null,
  progress: null,
  resumable: false,
  createdAt: '2026-01-01T00:00:00.000Z' as unknown as BehaviourInfo['createdAt'],
  hasReplay: false,
  checkpoints: [checkpoint(1000, 10, 2), checkpoint(2000, NaN, NaN), checkpoint(3000, 30, NaN)]
}

describe('the learning curve of a behaviour', () => {
  it('has returns with their spread, and marks those that are not finite', () => {
    const spec = learningSpec(behaviour, '#000')
    const [line] = spec.lines
    expect([...line!.x]).toEqual([1000, 3000])
    expect([...line!.y]).toEqual([10, 30])
    expect([...line!.band!.low]).toEqual([8, 30])
    expect([...line!.band!.high]).toEqual([12, 30])
    expect([...line!.nonFinite!.x]).toEqual([2000])
    expect(spec.xRange).toEqual([0, 4000])
  })

  it('says how far a training is and how it ended', () => {
    expect(stateText(behaviour)).toBe('training, 3,000 of 4,000 steps')
    expect(stateText({ ...behaviour, state: 'stopped' })).toBe('stopped after 3,000 of 4,000 steps')
    expect(stateText({ ...behaviour, state: 'interrupted' })).toBe('interrupted after 3,000 of 4,000 steps')
    expect(stateText({ ...behaviour, state: 'finished', lived: 4096 })).toBe('finished after 4,096 steps')
    expect(stateText({ ...behaviour, state: 'failed', reason: 'the disk is full' })).toBe(
      'failed: the disk is full'
    )
  })
})

describe('a typed number', () => {
  it('may group its digits and must lie in its range', () => {
    expect(wholeNumber('600,000', 2048, 1e8)).toBe(600_000)
    expect(wholeNumber('2047', 2048, 1e8)).toBeNull()
    expect(wholeNumber('1e6', 2048, 1e8)).toBeNull()
    expect(wholeNumber('', 0, 1e8)).toBeNull()
  })
})
