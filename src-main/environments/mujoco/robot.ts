import type { EnvironmentInfo } from '../../../src-preload/contract/algorithms.ts'
import type { SceneDescription } from '../../../src-preload/contract/scene.ts'
import { invariant } from '../../base/errors.ts'
import type { RandomSequence } from '../../base/random.ts'
import { d4rlReference } from '../d4rlReferences.ts'
import type { Environment, RobotParts } from '../environment.ts'
import { sceneOf } from './sceneOf.ts'
import { Simulation } from './simulation.ts'
import { freeJointAddresses, stateSizes } from './spec.ts'
import type { ModelSpec } from './spec.ts'

/** A task with a robot: its model, and how its states become observations, rewards and ends. */
export interface RobotSpec {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly model: ModelSpec
  /** Physics steps of an environment step. */
  readonly frameSkip: number
  readonly maxSteps: number
  readonly camera: SceneDescription['camera']
  readonly observationNames: readonly string[]
  readonly actionNames: readonly string[]
  /** Joint positions at the start, before noise. */
  readonly start: readonly number[]
  /** Added at the start: uniform within plus or minus `positions`, and uniform or normal velocities. */
  readonly startNoise: {
    readonly positions: number
    readonly velocities: { readonly kind: 'uniform' | 'normal'; readonly scale: number }
  }
  /** First numbers of qpos that an observation leaves out: the way gone. */
  readonly hiddenPositions: number
  /** Observed velocities are clipped to plus or minus this. */
  readonly velocityClip: number
  /** What observations end in: nothing, zeros, or the contact forces on all bodies clipped to [-1, 1]. */
  readonly tail: { readonly kind: 'none' | 'zeros' | 'contacts'; readonly size: number }
  /** Actions are clipped to [-1, 1] before the environment, costs included, as D4RL does; else the raw action is paid for. */
  readonly clipsActions: boolean
  /** The forward way is measured on the first joint, or on the torso's place, which MuJoCo computes within its last step. */
  readonly forward: 'joint' | 'torso'
  readonly alive: number
  /** Whether the step that ends an episode earns `alive` too. */
  readonly aliveAtEnd: boolean
  readonly controlCost: number
  readonly contactCost: number
  /** Whether the episode goes on; gets qpos, then qvel. */
  readonly healthy: (state: Float64Array) => boolean
}

/** Places in the flat state: qpos, qvel, the solver's warm start, the torso's x and the contact part of an observation. */
interface Layout {
  readonly positions: number
  readonly velocities: number
  readonly warmstart: number
  readonly torso: number
  readonly tail: number
  readonly size: number
}

function layoutOf(spec: RobotSpec): Layout {
  const { positions, velocities } = stateSizes(spec.model)
  const warmstart = positions + velocities
  const torso = warmstart + velocities
  const tail = torso + 1
  const size = tail + (spec.tail.kind === 'contacts' ? spec.tail.size : 0)
  return { positions, velocities, warmstart, torso, tail, size }
}

const clip = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit)

function writeObservation(spec: RobotSpec, layout: Layout, state: Float64Array, out: Float32Array): void {
  const { positions, velocities, tail } = layout
  const shown = positions - spec.hiddenPositions
  for (let i = 0; i < shown; i++) out[i] = state[spec.hiddenPositions + i]
  for (let i = 0; i < velocities; i++) out[shown + i] = clip(state[positions + i], spec.velocityClip)
  for (let i = 0; i < spec.tail.size; i++)
    out[shown + velocities + i] = spec.tail.kind === 'contacts' ? state[tail + i] : 0
}

/** MuJoCo makes quaternions unit ones before it computes with them. */
function normalise(quaternion: Float64Array): void {
  const [w, x, y, z] = quaternion
  const scale = 1 / Math.sqrt(w * w + x * x + y * y + z * z)
  if (Number.isFinite(scale)) for (let i = 0; i < 4; i++) quaternion[i] *= scale
}

function robotParts(spec: RobotSpec, layout: Layout): RobotParts {
  const { positions, velocities } = layout
  const turned = freeJointAddresses(spec.model)
  const setState: RobotParts['setState'] = (qpos, qvel, state) => {
    state.fill(0)
    for (let i = 0; i < positions; i++) state[i] = qpos[i]
    for (let i = 0; i < velocities; i++) state[positions + i] = qvel[i]
    for (const address of turned) normalise(state.subarray(address + 3, address + 7))
    state[layout.torso] = qpos[0]
  }
  return {
    positionSize: positions,
    velocitySize: velocities,
    scene: sceneOf(spec.model, spec.model.timestep * spec.frameSkip, spec.camera),
    setState,
    setStateFromObservation(observation, state) {
      const shown = positions - spec.hiddenPositions
      const qpos = [...new Array<number>(spec.hiddenPositions).fill(0), ...read(observation, 0, shown)]
      const qvel = read(observation, shown, velocities)
      setState(qpos, qvel, state)
      if (spec.tail.kind === 'contacts')
        for (let i = 0; i < spec.tail.size; i++)
          state[layout.tail + i] = observation[shown + velocities + i] ?? 0
      return qvel.every(velocity => Math.abs(velocity) < spec.velocityClip)
    }
  }
}

const read = (values: ArrayLike<number>, first: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => values[first + index])

function resetState(spec: RobotSpec, robot: RobotParts, state: Float64Array, random: RandomSequence): void {
  const { positions, velocities } = spec.startNoise
  const qpos = spec.start.map(value => value + random.uniform(-positions, positions))
  const qvel = Array.from({ length: robot.velocitySize }, () =>
    velocities.kind === 'normal'
      ? velocities.scale * random.normal()
      : random.uniform(-velocities.scale, velocities.scale)
  )
  robot.setState(qpos, qvel, state)
}

/** A body's clipped contact wrenches but for the world's, as observed and as paid for. */
function copyContacts(from: Float64Array, state: Float64Array, { tail }: Layout, size: number): number {
  let squares = 0
  for (let i = 0; i < size; i++) {
    const force = clip(from[6 + i], 1)
    state[tail + i] = force
    squares += force * force
  }
  return squares
}

/** Steps the physics from a state and writes the next state. @returns the summed squares of the clipped contact forces */
function advance(
  spec: RobotSpec,
  layout: Layout,
  simulation: Simulation,
  state: Float64Array,
  action: Float32Array
): number {
  const { positions, velocities, warmstart } = layout
  const { qpos, qvel, ctrl, warmstart: start, xpos, cfrcExt } = simulation.views()
  for (let i = 0; i < positions; i++) qpos[i] = state[i]
  for (let i = 0; i < velocities; i++) {
    qvel[i] = state[positions + i]
    start[i] = state[warmstart + i]
  }
  for (let i = 0; i < ctrl.length; i++) ctrl[i] = spec.clipsActions ? clip(action[i], 1) : action[i]
  simulation.step(spec.frameSkip)
  for (let i = 0; i < positions; i++) state[i] = qpos[i]
  for (let i = 0; i < velocities; i++) {
    state[positions + i] = qvel[i]
    state[warmstart + i] = start[i]
  }
  state[layout.torso] = xpos[3]
  if (spec.tail.kind !== 'contacts') return 0
  simulation.contactForces()
  return copyContacts(cfrcExt, state, layout, spec.tail.size)
}

function squares(spec: RobotSpec, action: Float32Array): number {
  let sum = 0
  for (let i = 0; i < spec.actionNames.length; i++) {
    const value = spec.clipsActions ? clip(action[i], 1) : action[i]
    sum += value * value
  }
  return sum
}

/** Nobody published a scale for these; one of our own would look like D4RL's and be another. */
const noScore =
  "D4RL's references are returns of the gym v2 robots, which weigh, clip and pay otherwise, and nobody has published any for v4 or v5: returns are shown as they are"

function infoOf(spec: RobotSpec): EnvironmentInfo {
  const { id, title, summary, maxSteps } = spec
  const scoreReference = d4rlReference(id)
  return {
    ...{ id, title, summary, maxSteps },
    domain: 'locomotion',
    observationNames: [...spec.observationNames],
    actionNames: [...spec.actionNames],
    map: null,
    hasScene: true,
    scoreReference,
    ...(scoreReference === null ? { noScore } : {})
  }
}

/**
 * The environment of a robot. Its state is qpos, qvel, the solver's warm start and what an observation shows besides, so
 * episodes may be interleaved and every step depends on its state and action alone.
 */
export function robotEnvironment(spec: RobotSpec): Environment {
  const layout = layoutOf(spec)
  const robot = robotParts(spec, layout)
  const size = spec.actionNames.length
  const seconds = spec.model.timestep * spec.frameSkip
  let opening: Promise<void> | null = null
  let simulation: Simulation | null = null
  const open = async (): Promise<void> => {
    simulation = await Simulation.open(spec.model)
  }
  const place = (state: Float64Array): number => state[spec.forward === 'joint' ? 0 : layout.torso]

  return {
    id: spec.id,
    info: infoOf(spec),
    observationSize: layout.positions - spec.hiddenPositions + layout.velocities + spec.tail.size,
    actions: {
      kind: 'continuous',
      size,
      low: new Array<number>(size).fill(-1),
      high: new Array<number>(size).fill(1)
    },
    stateSize: layout.size,
    maxSteps: spec.maxSteps,
    robot,
    prepare: () =>
      (opening ??= open().catch((error: unknown) => {
        opening = null
        throw error
      })),
    reset: (state, random) => resetState(spec, robot, state, random),
    observe: (state, observation) => writeObservation(spec, layout, state, observation),
    step(state, action) {
      invariant(simulation, `${spec.id} was stepped before prepare()`)
      const before = place(state)
      const contacts = advance(spec, layout, simulation, state, action)
      const healthy = spec.healthy(state)
      const alive = healthy || spec.aliveAtEnd ? spec.alive : 0
      const costs = spec.controlCost * squares(spec, action) + spec.contactCost * contacts
      return { reward: (place(state) - before) / seconds + alive - costs, terminated: !healthy }
    },
    outcome: (_state, terminated) => (terminated ? 'fell' : 'time')
  }
}
