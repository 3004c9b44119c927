import type { EnvironmentInfo } from '../../../src-preload/contract/algorithms.ts'
import type { EpisodeGoal } from '../../../src-preload/contract/evaluations.ts'
import type { SceneDescription } from '../../../src-preload/contract/scene.ts'
import { invariant } from '../../base/errors.ts'
import type { RandomSequence } from '../../base/random.ts'
import type { Environment, RobotParts } from '../environment.ts'
import { sceneOf } from './sceneOf.ts'
import { Simulation } from './simulation.ts'
import type { Views } from './simulation.ts'
import { stateSizes } from './spec.ts'
import type { ModelSpec } from './spec.ts'

/** Where a state's parts begin: qpos at 0, qvel, the solver's warm start, what the task keeps besides. */
export interface StatePlaces {
  readonly velocities: number
  readonly warmstart: number
  readonly rest: number
}

/** A simulated task that is no walking robot: its model, and plain functions over the flat state. */
export interface TaskSpec {
  readonly info: EnvironmentInfo
  readonly model: ModelSpec
  /** Physics steps of an environment step. */
  readonly frameSkip: number
  readonly camera: SceneDescription['camera']
  readonly observationSize: number
  /** Actions lie within plus or minus this. */
  readonly actionLimit: number
  /** Numbers that a state holds after the warm start. */
  readonly restSize: number
  /** Draws qpos, qvel and the rest of a new episode into a state of zeros. */
  reset(state: Float64Array, random: RandomSequence): void
  /** Writes the rest of a state of which only joint positions are known. */
  restFrom?(state: Float64Array): void
  /** What happens to a state before its step, such as clipping its velocities. */
  before?(state: Float64Array): void
  /** The control of a component of an action. */
  control(component: number): number
  /** Writes what the state keeps besides from the finished step. */
  after?(views: Views, state: Float64Array): void
  observe(state: Float64Array, observation: Float32Array): void
  /** @param before the state before the step, after `before` */
  score(
    state: Float64Array,
    before: Float64Array,
    action: Float32Array
  ): { readonly reward: number; readonly terminated: boolean }
  outcome(state: Float64Array, terminated: boolean): string
  readonly goalOf?: (state: Float64Array) => EpisodeGoal
}

/** Why the small machines have no score. */
export const noReference =
  'D4RL has no data and no references for it, and nobody has published a scale: returns are shown as they are'

/** Where the parts of a model's state begin. */
export function placesOf(model: ModelSpec): StatePlaces {
  const { positions, velocities } = stateSizes(model)
  return { velocities: positions, warmstart: positions + velocities, rest: positions + 2 * velocities }
}

function advance(
  spec: TaskSpec,
  places: StatePlaces,
  simulation: Simulation,
  state: Float64Array,
  action: Float32Array
): void {
  const views = simulation.views()
  const { qpos, qvel, ctrl, warmstart } = views
  qpos.set(state.subarray(0, places.velocities))
  qvel.set(state.subarray(places.velocities, places.warmstart))
  warmstart.set(state.subarray(places.warmstart, places.rest))
  for (let i = 0; i < ctrl.length; i++) ctrl[i] = spec.control(action[i])
  simulation.step(spec.frameSkip)
  state.set(qpos, 0)
  state.set(qvel, places.velocities)
  state.set(warmstart, places.warmstart)
  spec.after?.(views, state)
}

function partsOf(spec: TaskSpec, places: StatePlaces): RobotParts {
  const setState: RobotParts['setState'] = (qpos, qvel, state) => {
    state.fill(0)
    for (let i = 0; i < places.velocities; i++) state[i] = qpos[i]
    for (let i = 0; i < places.warmstart - places.velocities; i++) state[places.velocities + i] = qvel[i]
    spec.restFrom?.(state)
  }
  return {
    positionSize: places.velocities,
    velocitySize: places.warmstart - places.velocities,
    scene: sceneOf(spec.model, spec.model.timestep * spec.frameSkip, spec.camera),
    setState,
    setStateFromObservation(observation, state) {
      // observations that begin with qpos and qvel show all of both
      if (spec.observationSize !== places.warmstart) return false
      const values = Array.from({ length: places.warmstart }, (_, i) => observation[i])
      setState(values.slice(0, places.velocities), values.slice(places.velocities), state)
      return true
    }
  }
}

/** The environment of a simulated task; every step depends on its state and action alone. */
export function taskEnvironment(spec: TaskSpec): Environment {
  const places = placesOf(spec.model)
  const size = spec.info.actionNames.length
  const previous = new Float64Array(places.rest + spec.restSize)
  let opening: Promise<void> | null = null
  let simulation: Simulation | null = null
  const open = async (): Promise<void> => {
    simulation = await Simulation.open(spec.model)
  }
  return {
    id: spec.info.id,
    info: spec.info,
    observationSize: spec.observationSize,
    actions: {
      kind: 'continuous',
      size,
      low: new Array<number>(size).fill(-spec.actionLimit),
      high: new Array<number>(size).fill(spec.actionLimit)
    },
    stateSize: places.rest + spec.restSize,
    maxSteps: spec.info.maxSteps,
    robot: partsOf(spec, places),
    prepare: () =>
      (opening ??= open().catch((error: unknown) => {
        opening = null
        throw error
      })),
    reset(state, random) {
      state.fill(0)
      spec.reset(state, random)
    },
    observe: (state, observation) => spec.observe(state, observation),
    step(state, action) {
      invariant(simulation, `${spec.info.id} was stepped before prepare()`)
      spec.before?.(state)
      previous.set(state)
      advance(spec, places, simulation, state, action)
      return spec.score(state, previous, action)
    },
    outcome: (state, terminated) => spec.outcome(state, terminated),
    goalOf: spec.goalOf
  }
}
