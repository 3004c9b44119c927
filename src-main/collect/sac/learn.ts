/** Soft actor-critic: learns from everything it lived through, so it needs few steps and much arithmetic. */
import { fillIntegers, fillNormal } from '../../base/random.ts'
import type { StoredTensors } from '../../base/safetensors.ts'
import { floats } from '../../base/tensors.ts'
import type { HostTensors } from '../../base/tensors.ts'
import type { Callable, Session } from '../../compute/engine.ts'
import { actionWidth } from '../../environments/environment.ts'
import { part, prefixed } from '../../nn/parameters.ts'
import type { Behaviour } from '../behaviour.ts'
import { hostTensors, learnerThreads, learnOn, line, returnsOf, Schedule, takeSteps } from '../learning.ts'
import type { LearnRequest, Reached } from '../learning.ts'
import { Living, rangeOf } from './living.ts'
import type { Distribution } from './living.ts'
import { initSac } from './networks.ts'
import type { SacSizes } from './networks.ts'
import type { SacSettings } from './settings.ts'
import { sacActFunction, sacProgram } from './update.ts'

export interface SacRequest extends LearnRequest {
  readonly settings: SacSettings
}

interface Compiled {
  readonly session: Session
  /** Acts for the lanes. */
  readonly acting: Callable
  /** Acts for the episodes of an evaluation. */
  readonly evaluating: Callable
}

interface Training {
  readonly living: Living
  readonly schedule: Schedule
  state: HostTensors
  /** Calls of the updates so far. */
  calls: number
}

const sizesOf = ({ environment, settings }: SacRequest): SacSizes => ({
  observationSize: environment.observationSize,
  actionSize: actionWidth(environment),
  hiddenSizes: settings.hiddenSizes
})

async function compileAll(request: SacRequest, initial: HostTensors): Promise<Compiled> {
  const { engine, settings, evaluationEpisodes } = request
  const sizes = sizesOf(request)
  const options = { threads: learnerThreads }
  return {
    session: await engine.compile(sacProgram(sizes, initial, settings), options),
    acting: await engine.compileFunction(sacActFunction(sizes, initial, settings.lanes), options),
    evaluating: await engine.compileFunction(sacActFunction(sizes, initial, evaluationEpisodes), options)
  }
}

async function begun(request: SacRequest, initial: HostTensors): Promise<Training> {
  const { environment, settings, seed, steps, saved } = request
  const [checkpointAt, calls] = saved?.['numbers'].data ?? []
  const living = new Living(environment, settings, seed, steps, saved)
  if (saved !== undefined) await living.remember(request.lived())
  const state = saved === undefined ? initial : hostTensors(part(saved, 'state'))
  return { living, schedule: new Schedule(request, checkpointAt), state, calls: calls ?? 0 }
}

const savedOf = ({ living, schedule, state, calls }: Training): StoredTensors => ({
  numbers: line(Float64Array.of(schedule.at, calls)),
  ...prefixed('state', state as StoredTensors),
  ...living.save()
})

const actorOf = (state: HostTensors): HostTensors => prefixed('actor', part(state, 'actor'))

const distributionOf =
  (callable: Callable): Distribution =>
  async observations => {
    const { mean, logStd } = await callable.call({ observations })
    return { mean: mean as Float32Array, logStd: logStd as Float32Array }
  }

/** Lives some steps and learns from as many batches. */
async function iterate(request: SacRequest, compiled: Compiled, training: Training): Promise<void> {
  const { settings, onEpisode } = request
  const { living } = training
  const isRandom = living.lived < settings.startSteps
  if (!isRandom) await compiled.acting.bind(actorOf(training.state))
  const of = isRandom ? null : distributionOf(compiled.acting)
  for (let step = 0; step < settings.updateEvery / settings.lanes; step++) await living.step(of, onEpisode)
  if (living.lived < settings.startSteps) return
  await learnFrom(request, compiled.session, training)
  training.state = await compiled.session.read()
}

async function learnFrom(
  { settings, seed, environment }: SacRequest,
  session: Session,
  training: Training
): Promise<void> {
  const { batch, updateEvery } = settings
  const step = training.calls++
  const rows = new Int32Array(batch * updateEvery)
  const { replay, lived } = training.living
  fillIntegers(rows, replay.size(lived), { seed, stream: 'collect/sac/batch', step })
  await session.setColumns({ ...replay.gather(rows) })
  const noise = (name: string): Float32Array => {
    const normals = new Float32Array(rows.length * actionWidth(environment))
    fillNormal(normals, { seed, stream: `collect/sac/${name}`, step })
    return normals
  }
  const indices = Int32Array.from(rows, (_, i) => i)
  const drawn = { nextAction: noise('nextAction'), action: noise('action') }
  await takeSteps(session, { steps: updateEvery, indices, noise: drawn }, lived)
}

/** The policy of the moment without its noise: a network whose output is squashed into the bounds. */
async function reached(
  request: SacRequest,
  { evaluating }: Compiled,
  { state, living }: Training
): Promise<Behaviour> {
  const { environment, seed } = request
  const { centre, half } = rangeOf(environment)
  const size = environment.observationSize
  const scale = { mean: new Float32Array(size), deviation: new Float32Array(size).fill(1), clip: Infinity }
  await evaluating.bind(actorOf(state))
  const returns = await returnsOf(request, scale, async observations => {
    const { mean } = await evaluating.call({ observations })
    return (mean as Float32Array).map(
      (u, i) => centre[i % centre.length] + half[i % half.length] * Math.tanh(u)
    )
  })
  const mean = Object.entries(actorOf(state)).filter(([name]) => /^actor\/\d/.test(name))
  const range = { 'actor/centre': floats([centre.length], centre), 'actor/half': floats([half.length], half) }
  const actor = { ...Object.fromEntries(mean), ...range }
  return { environmentId: environment.id, learner: 'sac', seed, steps: living.lived, returns, scale, actor }
}

/** Trains a policy by SAC. Equal requests give equal policies on the same engine, in one go or in several. */
export async function* learnBySac(request: SacRequest): AsyncGenerator<Reached> {
  await request.environment.prepare?.()
  const initial = initSac(sizesOf(request), request.seed)
  const compiled = await compileAll(request, initial)
  const { session, acting, evaluating } = compiled
  try {
    const training = await begun(request, initial)
    await session.load(training.state)
    yield* learnOn(request, {
      schedule: training.schedule,
      lived: () => training.living.lived,
      iterate: () => iterate(request, compiled, training),
      reached: () => reached(request, compiled, training),
      save: () => savedOf(training)
    })
  } finally {
    await Promise.all([session.close(), acting.close(), evaluating.close()])
  }
}
