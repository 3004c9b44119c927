import { RandomSequence } from '../../base/random.ts'
import type { HostTensors } from '../../base/tensors.ts'
import type { Callable, Engine, Session } from '../../compute/engine.ts'
import { actionWidth } from '../../environments/environment.ts'
import type { Environment } from '../../environments/environment.ts'
import { rollOut } from '../../evaluation/rollouts.ts'
import type { Behaviour } from '../behaviour.ts'
import type { LivedEpisode } from '../lanes.ts'
import { normaliseRows, scaleOf } from '../runningMoments.ts'
import type { ObservationScale } from '../runningMoments.ts'
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
  readonly onEpisode: (episode: LivedEpisode) => void
  /** Ends the training after the present update, with what was reached. */
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

interface Compiled {
  readonly initial: HostTensors
  readonly iterations: number
  readonly session: Session
  /** Acts for the lanes. */
  readonly acting: Callable
  /** Acts for the episodes of an evaluation. */
  readonly evaluating: Callable
}

async function compileAll(request: LearnRequest): Promise<Compiled> {
  const { environment, engine, seed, settings, steps, evaluationEpisodes } = request
  const sizes = {
    observationSize: environment.observationSize,
    actionSize: actionWidth(environment),
    hiddenSizes: settings.hiddenSizes
  }
  const iterations = Math.ceil(steps / settings.rolloutSteps)
  const updates = settings.epochs * Math.floor(settings.rolloutSteps / settings.minibatch)
  const initial = initPpo(sizes, seed)
  const program = ppoProgram(sizes, initial, { ...settings, totalUpdates: iterations * updates })
  const options = { threads: 1 }
  return {
    initial,
    iterations,
    session: await engine.compile(program, options),
    acting: await engine.compileFunction(actFunction(sizes, initial, settings.lanes), options),
    evaluating: await engine.compileFunction(actFunction(sizes, initial, evaluationEpisodes), options)
  }
}

/** Returns of the mean actions, from starts that are the same for all policies. */
async function evaluate(
  { environment, evaluationEpisodes: episodes }: LearnRequest,
  evaluating: Callable,
  state: HostTensors,
  scale: ObservationScale
): Promise<readonly number[]> {
  await evaluating.bind(chosen(state, isActing))
  const act = async (observations: Float32Array): Promise<Float32Array> => {
    const { actions } = await evaluating.call({ observations: normaliseRows(scale, observations.slice()) })
    return actions as Float32Array
  }
  const { returns } = await rollOut(environment, { act }, { episodes, seed: 0, keep: 0 })
  return [...returns]
}

/**
 * Trains a policy by PPO and yields it at every checkpoint and at the end. Equal requests give equal policies on the same engine.
 */
export async function* learnByPpo(request: LearnRequest): AsyncGenerator<Behaviour> {
  const { environment, seed, settings } = request
  await environment.prepare?.()
  const { initial, iterations, session, acting, evaluating } = await compileAll(request)
  const rollouts = new Rollouts(environment, settings, seed)
  const order = new RandomSequence(seed, 'collect/minibatches')
  const act = async (observations: Float32Array) => {
    const { actions, values } = await acting.call({ observations })
    return { actions: actions as Float32Array, values: values as Float32Array }
  }
  let state = initial
  let lived = 0
  let checkpointAt = request.checkpointEvery
  try {
    await session.load(state)
    for (let iteration = 1; iteration <= iterations; iteration++) {
      await acting.bind(chosen(state, isActing))
      const logStd = state['actor/logStd'].data as Float32Array
      const columns = await rollouts.collect(act, logStd, request.onEpisode)
      const count = columns.advantages.length
      lived += count
      await session.setColumns({ ...columns })
      const indices = minibatchRows(count, settings, order)
      await session.run({ steps: indices.length / settings.minibatch, indices, noise: {} })
      state = await session.read()
      const last = iteration === iterations || request.signal?.aborted === true
      if (!last && lived < checkpointAt) continue
      checkpointAt += request.checkpointEvery
      const scale = scaleOf(rollouts.observationMoments)
      const returns = await evaluate(request, evaluating, state, scale)
      const actor = chosen(state, isActor)
      yield { environmentId: environment.id, learner: 'ppo', seed, steps: lived, returns, scale, actor }
      if (last) return
    }
  } finally {
    await Promise.all([session.close(), acting.close(), evaluating.close()])
  }
}
