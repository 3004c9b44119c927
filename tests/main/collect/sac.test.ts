import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { describe, expect, it } from 'vitest'
import { mean } from '../../../src-main/base/moments.ts'
import { openBehaviour } from '../../../src-main/collect/behaviourPolicy.ts'
import { learnBySac } from '../../../src-main/collect/sac/learn.ts'
import { squashedDraw } from '../../../src-main/collect/sac/networks.ts'
import { Replay } from '../../../src-main/collect/sac/replay.ts'
import { sacSettings } from '../../../src-main/collect/sac/settings.ts'
import { engineById } from '../../../src-main/compute/index.ts'
import { line, nothing } from './line.ts'

async function learned(seed: number, steps: number) {
  const settings = sacSettings.parse({
    ...{ hiddenSizes: [16, 16], batch: 32, startSteps: 160, updateEvery: 20, learningRate: 3e-3 },
    ...{ capacity: 4000, targetRate: 0.02 }
  })
  const request = {
    ...{ environment: line, engine: await engineById('onnx'), seed, steps, checkpointEvery: 320, settings },
    ...{ evaluationEpisodes: 10, onEpisode: () => undefined, lived: nothing }
  }
  const behaviours = []
  for await (const { behaviour } of learnBySac(request)) behaviours.push(behaviour)
  return behaviours
}

describe('SAC', () => {
  it('learns a task from little more than a thousand steps', async () => {
    const behaviours = await learned(0, 1600)
    expect(mean(behaviours.at(-1)!.returns)).toBeGreaterThan(-2)
  })

  it('gives a behaviour that acts in its bounds as it was measured', async () => {
    const behaviour = (await learned(1, 320)).at(-1)!
    const policy = await openBehaviour(behaviour, await engineById('onnx'), 3)
    const actions = await policy.act(Float32Array.of(0.3, 1e4, -1e4))
    await policy.close()
    expect(behaviour.scale.clip).toBe(Infinity)
    expect([...actions].every(action => Math.abs(action) <= 1)).toBe(true)
    expect(actions[1]).not.toBe(actions[2])
  })

  it('knows the likelihood of a squashed draw: its density in each dimension is a density', async () => {
    await tf.setBackend('cpu')
    // One action, mean 0.4 and deviation e^-0.5 whatever is observed.
    const params = {
      '0/kernel': tf.zeros([1, 1]),
      '0/bias': tf.tensor1d([0.4]),
      'logStd/kernel': tf.zeros([1, 1]),
      'logStd/bias': tf.tensor1d([-0.5])
    }
    const count = 4000
    const noise = Float32Array.from({ length: count }, (_, i) => -6 + (12 * (i + 0.5)) / count)
    const draw = squashedDraw(params, tf.zeros([count, 1]), tf.tensor2d(noise, [count, 1]))
    const [actions, likelihoods] = [await draw.actions.data(), await draw.logLikelihoods.data()]
    let total = 0
    for (let i = 1; i < count; i++) total += Math.exp(likelihoods[i]) * (actions[i] - actions[i - 1])
    expect(total).toBeCloseTo(1, 2)
  })
})

describe('the replay', () => {
  const range = { centre: Float32Array.of(1), half: Float32Array.of(2) }
  /** Three steps whose observations count on from a number. */
  const steps = (from: number, terminated: boolean) => ({
    ...{ length: 3, terminated, observations: Float32Array.of(from, from + 1, from + 2, from + 3) },
    ...{ actions: Float32Array.of(-1, 1, 3), rewards: Float32Array.of(from, from + 1, from + 2) }
  })

  it('gives transitions with squashed actions, and no next state to a terminated episode only', () => {
    const replay = new Replay(8, 2, 1, range)
    replay.putSteps(1, 0, steps(10, true))
    const { observations, nextObservations, actions, rewards, nonTerminal } = replay.gather(
      Int32Array.of(1, 3, 5)
    )
    expect([...observations]).toEqual([10, 11, 12])
    expect([...nextObservations]).toEqual([11, 12, 13])
    expect([...actions]).toEqual([-1, 0, 1])
    expect([...rewards]).toEqual([10, 11, 12])
    expect([...nonTerminal]).toEqual([1, 1, 0])
  })

  it('keeps the newest, in whatever order the lanes are filled', () => {
    const [one, other] = [new Replay(4, 2, 1, range), new Replay(4, 2, 1, range)]
    for (const lane of [0, 1]) one.putSteps(lane, 0, steps(100 * lane, false))
    for (const lane of [1, 0]) other.putSteps(lane, 0, steps(100 * lane, false))
    const rows = Int32Array.of(0, 1, 2, 3)
    expect(one.gather(rows)).toEqual(other.gather(rows))
    expect([...one.gather(rows).observations]).toEqual([2, 102, 1, 101])
    expect([one.size(3), one.size(6)]).toEqual([3, 4])
  })
})
