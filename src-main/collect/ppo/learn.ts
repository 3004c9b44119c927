import { RandomSequence } from '../../base/random.ts'
import type { HostTensors } from '../../base/tensors.ts'
import type { Engine } from '../../compute/engine.ts'
import type { Environment } from '../../environments/environment.ts'
import { rollOut } from '../../evaluation/rollouts.ts'
import type { Behaviour } from '../behaviour.ts'
import type { LivedEpisode } from '../lanes.ts'
import { normaliseRows, scaleOf } from '../runningMoments.ts'
import { initPpo } from './networks.ts'
import { Rollouts } from './rollout.ts'
import type { PpoSettings } from './settings.ts'
import { actFunction, ppoProgram } from './update.ts'

export interface LearnRequest {
  readonly environment: Environment
  readonly engine: Engine
  readonly seed: number
  /** Environment steps. */
  readonly steps: number
  readonly settings: PpoSettings
  /** Environment steps between two checkpoints. */
  readonly checkpointEvery: number
  readonly evaluationEpisodes: number
  readonly onEpisode: (episode: LivedEpisode, steps: number) => void
  readonly signal?: AbortSignal
}

const isActing = (name: string): boolean => /^(actor|critic)\/\d/.test(name)
const isActor = (name: string): boolean => name.startsWith('actor/')

const chosen = (state: HostTensors, keep: (name: string) => boolean): HostTensors =>
  Object.fromEntries(Object.entries(state).filter(([name]) => keep(name)))

/** Every epoch passes over all rows once, in an order of its own. */
function minibatchRows(rows: number, { epochs, minibatch }: PpoSettings, random: RandomSequence): Int32Array {
  const perEpoch = Math.floor(rows / minibatch) * minibatch
  const indices = new Int32Array(epochs * perEpoch)
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.shuffle(Array.from({ length: rows }, (_, row) => row))
    indices.set(order.slice(0, perEpoch), epoch * perEpoch)
  }
  return indices
}

/**
 * Trains a policy by PPO and yields it at every checkpoint, the last one at the end.
 * Equal requests give equal policies on the same engine.
 * @throws the signal's reason when aborted
 */
export async function* learnByPpo(request: LearnRequest): AsyncGenerator<Behaviour> {
  const { environment, engine, seed, settings, steps } = request
  await environment.prepare?.()
  const sizes = {
    observationSize: environment.observationSize,
    actionSize: environment.actions.kind === 'continuous' ? environment.actions.size : 1,
    hiddenSizes: settings.hiddenSizes
  }
  const lanes = settings.lanes
  const iterations = Math.ceil(steps / settings.rolloutSteps)
  const updates = settings.epochs * Math.floor(settings.rolloutSteps / settings.minibatch)
  let state = initPpo(sizes, seed)
  const program = ppoProgram(sizes, state, { ...settings, totalUpdates: iterations * updates })
  const session = await engine.compile(program, { threads: 1 })
  const acting = await engine.compileFunction(actFunction(sizes, state, lanes), { threads: 1 })
  const rows = request.evaluationEpisodes
  const evaluating = await engine.compileFunction(actFunction(sizes, state, rows), { threads: 1 })
  const rollouts = new Rollouts(environment, settings, seed)
  const order = new RandomSequence(seed, 'collect/minibatches')
  let lived = 0
  let checkpointAt = request.checkpointEvery

  const behaviourNow = async (): Promise<Behaviour> => {
    const scale = scaleOf(rollouts.observationMoments)
    await evaluating.bind(chosen(state, isActing))
    const act = async (observations: Float32Array): Promise<Float32Array> => {
      const { actions } = await evaluating.call({ observations: normaliseRows(scale, observations) })
      return actions as Float32Array
    }
    const { returns } = await rollOut(environment, { act }, { episodes: rows, seed: 0, keep: 0 })
    const actor = chosen(state, isActor)
    return {
      environmentId: environment.id,
      learner: 'ppo',
      seed,
      steps: lived,
      returns: [...returns],
      scale,
      actor
    }
  }

  try {
    await session.load(state)
    for (let iteration = 0; iteration < iterations; iteration++) {
      request.signal?.throwIfAborted()
      await acting.bind(chosen(state, isActing))
      const columns = await rollouts.collect(
        async observations => {
          const { actions, values } = await acting.call({ observations })
          return { actions: actions as Float32Array, values: values as Float32Array }
        },
        state['actor/logStd'].data as Float32Array,
        episode => request.onEpisode(episode, lived)
      )
      const count = columns.advantages.length
      lived += count
      await session.setColumns({ ...columns })
      const indices = minibatchRows(count, settings, order)
      await session.run({ steps: indices.length / settings.minibatch, indices, noise: {} })
      state = await session.read()
      if (lived >= checkpointAt || iteration === iterations - 1) {
        checkpointAt += request.checkpointEvery
        yield await behaviourNow()
      }
    }
  } finally {
    await Promise.all([session.close(), acting.close(), evaluating.close()])
  }
}
