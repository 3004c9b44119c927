import { describe, expect, it } from 'vitest'
import type { BehaviourInfo } from '../../../../src-preload/contract/collect.ts'
import { toScalar } from '../../../../src-preload/contract/values.ts'
import {
  bestText,
  learningSpec,
  progressText,
  share,
  stateText,
  stretchText,
  wholeNumber
} from '../../../../src-renderer/features/collect/learning.ts'

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
  watched: [],
  stretches: [],
  resumable: false,
  createdAt: '2026-01-01T00:00:00.000Z' as unknown as BehaviourInfo['createdAt'],
  hasReplay: false,
  checkpoints: [checkpoint(1000, 10, 2), checkpoint(2000, NaN, NaN), checkpoint(3000, 30, NaN)]
}

describe('the learning curve of a behaviour', () => {
  it('has returns with their spread, and marks those that are not finite', () => {
    const spec = learningSpec(behaviour, { colour: '#000', reference: null })
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
    expect(stateText({ ...behaviour, state: 'failed' })).toBe('failed after 3,000 of 4,000 steps')
    expect(bestText(behaviour)).toBe('3 checkpoints, best return 30, at step 3,000')
    expect(bestText({ ...behaviour, checkpoints: [] })).toBe('no checkpoint yet')
  })

  it('marks the return that is scored 90', () => {
    const reference = { low: -100, high: 900, source: 'D4RL' }
    expect(learningSpec(behaviour, { colour: '#000', reference }).references).toEqual([
      { label: 'score 90', value: 800 }
    ])
  })
})

describe('a training that is watched', () => {
  const at = (
    lived: number,
    recentReturn: number | null,
    more: Partial<BehaviourInfo> = {}
  ): BehaviourInfo => ({
    ...{ ...behaviour, lived, ...more },
    progress: { stepsPerSecond: 1234.5, secondsLeft: 95, recentReturn }
  })

  it('draws the returns of its episodes as they were told, but for what is no number', () => {
    const watched: BehaviourInfo['watched'] = [
      [200, 5],
      [250, 'NaN'],
      [300, 7]
    ]
    const [, live] = learningSpec({ ...behaviour, watched }, { colour: '#000', reference: null }).lines
    expect([...live!.x]).toEqual([200, 300])
    expect([...live!.y]).toEqual([5, 7])
    expect(learningSpec(behaviour, { colour: '#000', reference: null }).lines).toHaveLength(1)
  })

  it('tells speed, time left and return', () => {
    expect(progressText(at(100, -3))).toBe('1,235 steps/s · 1 min 35 s left · return while learning −3')
    expect(progressText({ ...behaviour, progress: null })).toBe('starting')
  })
})

describe('what trained it', () => {
  const engine = (version: string) => ({ id: 'onnx', version, threads: 1 })
  it('is told where another engine went on with it', () => {
    expect(stretchText(behaviour)).toBeNull()
    expect(stretchText({ ...behaviour, stretches: [{ from: 0, engine: engine('1.0') }] })).toBeNull()
    const stretches = [
      { from: 0, engine: engine('1.0') },
      { from: 2048, engine: engine('1.1') }
    ]
    expect(stretchText({ ...behaviour, stretches })).toMatch(
      /^Trained by onnx 1\.0, threads: 1; from step 2,048 on by onnx 1\.1, threads: 1\. Another engine may round/
    )
  })
})

describe('a typed number', () => {
  it('from 0 to 1 may leave its zero out', () => {
    expect(['0', '.25', '0.1', '1', ' 1.0 '].map(share)).toEqual([0, 0.25, 0.1, 1, 1])
    expect(['', '1.1', '-0.1', '0,1', '1e-1', '.'].map(share)).toEqual([null, null, null, null, null, null])
  })

  it('may group its digits and must lie in its range', () => {
    expect(wholeNumber('600,000', 2048, 1e8)).toBe(600_000)
    expect(wholeNumber('2047', 2048, 1e8)).toBeNull()
    expect(wholeNumber('1e6', 2048, 1e8)).toBeNull()
    expect(wholeNumber('', 0, 1e8)).toBeNull()
  })
})
