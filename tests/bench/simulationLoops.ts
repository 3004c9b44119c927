import { RandomSequence } from '../../src-main/base/random.ts'
import type { Environment } from '../../src-main/environments/environment.ts'
import { mjcfOf } from '../../src-main/environments/mujoco/mjcf.ts'
import { mujocoModule } from '../../src-main/environments/mujoco/module.ts'
import type { RobotSpec } from '../../src-main/environments/mujoco/robot.ts'
import { robotEnvironment } from '../../src-main/environments/mujoco/robot.ts'
import { median } from './figures.ts'

/** Environment steps per second of a robot's environment and of its physics alone, medians over windows. */
export interface SimulationSpeed {
  readonly stepsPerSecond: number
  readonly stepsPerCpuSecond: number
  readonly bareStepsPerCpuSecond: number
  /** Median of the windows' shares: the environment's steps per CPU second in those of the bare loop right beside it. */
  readonly share: number
}

/** Runs an endless sequence of so many environment steps. */
type Loop = (steps: number) => void

/** Steps between two looks at the clock: the loops alternate so often that both see the same machine. */
const chunk = 250

function actionsOf(size: number): Float32Array[] {
  const random = new RandomSequence(1, 'bench/actions')
  return Array.from({ length: 1024 }, () => Float32Array.from({ length: size }, () => random.uniform(-1, 1)))
}

/** Nothing but `mj_step` on random controls; falls are slept through. */
async function bareLoop(spec: RobotSpec, actions: readonly Float32Array[]): Promise<Loop> {
  const module = await mujocoModule()
  const model = module.MjModel.from_xml_string(mjcfOf(spec.model))
  const data = new module.MjData(model)
  const control = data.ctrl as Float64Array
  const position = data.qpos as Float64Array
  position.set(spec.start)
  let at = 0
  return steps => {
    for (let step = 0; step < steps; step++) {
      control.set(actions[at++ % actions.length])
      for (let index = 0; index < spec.frameSkip; index++) module.mj_step(model, data)
    }
  }
}

/** Steps, rewards, ends and observations of the environment, from the same start through the same actions. */
function environmentLoop(spec: RobotSpec, environment: Environment, actions: readonly Float32Array[]): Loop {
  const state = new Float64Array(environment.stateSize)
  const observation = new Float32Array(environment.observationSize)
  const random = new RandomSequence(1, 'bench/steps')
  environment.robot?.setState(spec.start, new Float64Array(environment.robot.velocitySize), state)
  let at = 0
  return steps => {
    for (let step = 0; step < steps; step++) {
      environment.step(state, actions[at++ % actions.length], random)
      environment.observe(state, observation)
    }
  }
}

/** Seconds by the clock and of processor time that a loop takes for a chunk. */
function timed(loop: Loop): { readonly wall: number; readonly cpu: number } {
  const began = performance.now()
  const before = process.cpuUsage()
  loop(chunk)
  const { user, system } = process.cpuUsage(before)
  return { wall: (performance.now() - began) / 1e3, cpu: (user + system) / 1e6 }
}

function window(ours: Loop, bare: Loop, seconds: number): Omit<SimulationSpeed, 'share'> {
  const sums = { steps: 0, wall: 0, cpu: 0, bareCpu: 0 }
  const began = performance.now()
  while (performance.now() - began < 2000 * seconds) {
    sums.bareCpu += timed(bare).cpu
    const { wall, cpu } = timed(ours)
    sums.wall += wall
    sums.cpu += cpu
    sums.steps += chunk
  }
  return {
    stepsPerSecond: sums.steps / sums.wall,
    stepsPerCpuSecond: sums.steps / sums.cpu,
    bareStepsPerCpuSecond: sums.steps / sums.bareCpu
  }
}

/** Measures a robot's environment beside a bare loop over the same model, in alternating chunks of both. */
export async function simulationSpeed(
  spec: RobotSpec,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number }
): Promise<SimulationSpeed> {
  const environment = robotEnvironment(spec)
  await environment.prepare?.()
  const actions = actionsOf(spec.actionNames.length)
  const bare = await bareLoop(spec, actions)
  const ours = environmentLoop(spec, environment, actions)
  window(ours, bare, seconds / 2)
  const windows = Array.from({ length: rounds }, () => window(ours, bare, seconds))
  return {
    stepsPerSecond: median(windows.map(one => one.stepsPerSecond)),
    stepsPerCpuSecond: median(windows.map(one => one.stepsPerCpuSecond)),
    bareStepsPerCpuSecond: median(windows.map(one => one.bareStepsPerCpuSecond)),
    share: median(windows.map(one => one.stepsPerCpuSecond / one.bareStepsPerCpuSecond))
  }
}
