import { RandomSequence } from '../../base/random.ts'
import type { StoredTensors } from '../../base/safetensors.ts'
import type { HostTensors } from '../../base/tensors.ts'
import type { Callable, Session } from '../../compute/engine.ts'
import { actionWidth } from '../../environments/environment.ts'
import { part, prefixed } from '../../nn/parameters.ts'
import type { Behaviour } from '../behaviour.ts'
import { hostTensors, learnerThreads, learnOn, line, returnsOf, Schedule, takeSteps } from '../learning.ts'
import type { LearnRequest, Reached } from '../learning.ts'
import { scaleOf } from '../runningMoments.ts'
import { initPpo } from './networks.ts'
import { Rollouts } from './rollout.ts'
import type { PpoSettings } from './settings.ts'
import { actFunction, ppoProgram } from './update.ts'

export interface PpoRequest extends LearnRequest {
  readonly settings: PpoSettings
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
  readonly session: Session
  /** Acts for the lanes. */
  readonly acting: Callable
  /** Acts for the episodes of an evaluation. */
  readonly evaluating: Callable
}

async function compileAll(request: PpoRequest): Promise<Compiled> {
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
  const options = { threads: learnerThreads }
  return {
    initial,
    session: await engine.compile(program, options),
    acting: await engine.compileFunction(actFunction(sizes, initial, settings.lanes), options),
    evaluating: await engine.compileFunction(actFunction(sizes, initial, evaluationEpisodes), options)
  }
}

/** The parts of a training that change. */
interface Training {
  readonly rollouts: Rollouts
  readonly order: RandomSequence
  readonly schedule: Schedule
  state: HostTensors
  lived: number
}

function begun(request: PpoRequest, { initial }: Compiled): Training {
  const { environment, settings, seed, saved } = request
  const [lived, checkpointAt, order] = saved?.['numbers'].data ?? []
  return {
    rollouts: new Rollouts(environment, settings, seed, saved),
    order: new RandomSequence(seed, 'collect/minibatches', order),
    schedule: new Schedule(request, checkpointAt),
    state: saved === undefined ? initial : hostTensors(part(saved, 'state')),
    lived: lived ?? 0
  }
}

const savedOf = ({ rollouts, order, schedule, state, lived }: Training): StoredTensors => ({
  numbers: line(Float64Array.of(lived, schedule.at, order.position)),
  ...prefixed('state', state as StoredTensors),
  ...rollouts.save()
})

/** Lives through one rollout and learns from it. */
async function iterate(request: PpoRequest, compiled: Compiled, training: Training): Promise<void> {
  const { session, acting } = compiled
  const { settings } = request
  const act = async (observations: Float32Array) => {
    const { actions, values } = await acting.call({ observations })
    return { actions: actions as Float32Array, values: values as Float32Array }
  }
  await acting.bind(chosen(training.state, isActing))
  const logStd = training.state['actor/logStd'].data as Float32Array
  const columns = await training.rollouts.collect(act, logStd, request.onEpisode)
  const count = columns.advantages.length
  await session.setColumns({ ...columns })
  const indices = minibatchRows(count, settings, training.order)
  await takeSteps(
    session,
    { steps: indices.length / settings.minibatch, indices, noise: {} },
    training.lived + count
  )
  training.state = await session.read()
  training.lived += count
}

/** The policy of the moment, by its mean actions. */
async function reached(
  request: PpoRequest,
  { evaluating }: Compiled,
  { rollouts, state, lived }: Training
): Promise<Behaviour> {
  const { environment, seed } = request
  const scale = scaleOf(rollouts.observationMoments)
  await evaluating.bind(chosen(state, isActing))
  const returns = await returnsOf(request, scale, async observations => {
    const { actions } = await evaluating.call({ observations })
    return actions as Float32Array
  })
  const actor = chosen(state, isActor)
  return { environmentId: environment.id, learner: 'ppo', seed, steps: lived, returns, scale, actor }
}

/** Trains a policy by PPO. Equal requests give equal policies on the same engine, in one go or in several. */
export async function* learnByPpo(request: PpoRequest): AsyncGenerator<Reached> {
  await request.environment.prepare?.()
  const compiled = await compileAll(request)
  const { session, acting, evaluating } = compiled
  try {
    const training = begun(request, compiled)
    await session.load(training.state)
    yield* learnOn(request, {
      schedule: training.schedule,
      lived: () => training.lived,
      iterate: () => iterate(request, compiled, training),
      reached: () => reached(request, compiled, training),
      save: () => savedOf(training)
    })
  } finally {
    await Promise.all([session.close(), acting.close(), evaluating.close()])
  }
}
