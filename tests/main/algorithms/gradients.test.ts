import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, test } from 'vitest'
import type { Algorithm, Problem, Tensors } from '../../../src-main/algorithms/algorithm.ts'
import { algorithmById } from '../../../src-main/algorithms/index.ts'
import { RandomSequence } from '../../../src-main/base/random.ts'
import { numbers, onDevice } from '../nn/tensors.ts'
import { continuous, discrete, drawNoise, randomColumns } from './programs.ts'

/**
 * Each update reports its losses and leaves 0.1 g in the first moment of a fresh Adam, so the gradient it used can be compared with
 * differences of the loss it reports: to both sides, because where a ReLU switches within the step only one of them is the slope.
 * Where the weights depend on the policy itself (AWAC with V from policy samples) a huge temperature makes that dependence vanish,
 * because the gradient rightly ignores it.
 */
const cases: readonly (readonly [id: string, settings: object, losses: Readonly<Record<string, string>>])[] =
  [
    ['bc', { loss: 'likelihood' }, { actor: 'actorLoss' }],
    ['bc', { loss: 'mse', dropout: 0.2 }, { actor: 'actorLoss' }],
    ['filteredBc', {}, { actor: 'actorLoss' }],
    ['awr', {}, { value: 'valueLoss', actor: 'actorLoss' }],
    ['awr', { standardiseAdvantage: false, dropout: 0.2 }, { value: 'valueLoss', actor: 'actorLoss' }],
    ['awac', { temperature: 1e6 }, { critic: 'criticLoss', actor: 'actorLoss' }],
    ['awac', { temperature: 1e6, policyMean: 'unbounded' }, { actor: 'actorLoss' }],
    ['awac', { nextAction: 'data' }, { critic: 'criticLoss', value: 'valueLoss', actor: 'actorLoss' }],
    ['awac', { nextAction: 'data', weighting: 'softmax' }, { actor: 'actorLoss' }],
    ['iql', { expectile: 0.8 }, { value: 'valueLoss', actor: 'actorLoss', critic: 'criticLoss' }],
    ['iql', { expectile: 0.5, dropout: 0.2 }, { value: 'valueLoss', actor: 'actorLoss' }]
  ]

const rows = 24
const step = 1e-3

interface Setting {
  readonly update: ReturnType<Algorithm['update']>
  readonly state: Tensors
  readonly batch: Tensors
  readonly noise: Tensors
}

function settingOf(algorithm: Algorithm, problem: Problem, settings: object): Setting {
  const config = algorithm.schema.parse({ hiddenSizes: [5, 4], batchSize: rows, ...settings })
  const columns = randomColumns(problem, rows)
  const names = algorithm.batchColumns(config, problem)
  const specs = algorithm.noise(config, problem)
  const noise = drawNoise(specs, 5, 0, 1)
  return {
    update: algorithm.update(config, problem),
    state: offTheKinks(onDevice(algorithm.init(config, problem, 1))),
    batch: Object.fromEntries(
      names.map(name => [name, tf.tensor2d(columns[name].data, [rows, columns[name].width])])
    ),
    noise: Object.fromEntries(
      Object.entries(specs).map(([name, { shape }]) => [name, tf.tensor(noise[name], [...shape])])
    )
  }
}

/** Zero biases put units whose inputs are all off exactly on the kink of the ReLU, where no difference is right. */
function offTheKinks(state: Tensors): Tensors {
  const random = new RandomSequence(3, 'test/bias')
  const moved = (tensor: tf.Tensor) =>
    tf.add(
      tensor,
      tf.tensor(
        Float32Array.from({ length: tensor.size }, () => 0.2 * random.normal()),
        tensor.shape
      )
    )
  return Object.fromEntries(
    Object.entries(state).map(([name, tensor]) => [
      name,
      /^[a-z]+\/.*bias$/.test(name) ? moved(tensor) : tensor
    ])
  )
}

/** The loss with one parameter moved along a direction. */
function lossAt(
  { update, state, batch, noise }: Setting,
  loss: string,
  name: string,
  direction: tf.Tensor,
  by: number
): number {
  return tf.tidy(() => {
    const moved = { ...state, [name]: tf.add(state[name], tf.mul(direction, by)) }
    return update(moved, batch, noise).metrics[loss].dataSync()[0]
  })
}

describe.each([
  ['continuous', continuous],
  ['discrete', discrete]
] as const)('gradients against differences, %s actions', (_kind, problem) => {
  test.each(cases)('%s %o', (id, settings, losses) => {
    const setting = settingOf(algorithmById(id), problem, settings)
    const after = setting.update(setting.state, setting.batch, setting.noise).state
    const random = new RandomSequence(2, 'test/direction')
    for (const [group, loss] of Object.entries(losses)) {
      const names = Object.keys(setting.state).filter(name => name.startsWith(`${group}/`))
      expect(names.length).toBeGreaterThan(0)
      for (const name of names) {
        // After one step from zero the sum is the gradient.
        const gradient = numbers(after[`${group}Optimizer/gradientSum/${name.slice(group.length + 1)}`])
        const direction = tf.tensor(
          Float32Array.from(gradient, () => random.normal()),
          setting.state[name].shape
        )
        const along = numbers(direction).reduce((sum, value, i) => sum + value * gradient[i], 0)
        const [below, at, above] = [-step, 0, step].map(by => lossAt(setting, loss, name, direction, by))
        const slopes = [(at - below) / step, (above - at) / step]
        const slack = 1.5e-3 + 5e-3 * Math.abs(along)
        const message = `${loss} along ${name}: ${along}, by differences ${slopes.join(' and ')}`
        expect(along, message).toBeGreaterThanOrEqual(Math.min(...slopes) - slack)
        expect(along, message).toBeLessThanOrEqual(Math.max(...slopes) + slack)
      }
    }
  })
})
