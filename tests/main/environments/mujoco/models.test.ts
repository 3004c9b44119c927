import { describe, expect, it } from 'vitest'
import { sceneDescription } from '../../../../src-preload/contract/scene.ts'
import { RandomSequence } from '../../../../src-main/base/random.ts'
import { ant } from '../../../../src-main/environments/mujoco/ant.ts'
import { halfCheetah } from '../../../../src-main/environments/mujoco/halfCheetah.ts'
import { hopper } from '../../../../src-main/environments/mujoco/hopper.ts'
import { robotEnvironments } from '../../../../src-main/environments/mujoco/index.ts'
import { mjcfOf } from '../../../../src-main/environments/mujoco/mjcf.ts'
import { mujocoModule } from '../../../../src-main/environments/mujoco/module.ts'
import type { RobotSpec } from '../../../../src-main/environments/mujoco/robot.ts'
import { walker2d } from '../../../../src-main/environments/mujoco/walker2d.ts'
import type { Variant } from '../../../../src-main/environments/mujoco/variants.ts'
import { preparedRobot, unused } from './prepared.ts'

/** Masses of all bodies but the world, in kilograms. */
async function massesOf(spec: RobotSpec): Promise<number[]> {
  const module = await mujocoModule()
  const model = module.MjModel.from_xml_string(mjcfOf(spec.model))
  const masses = Array.from(model.body_mass as Float64Array).slice(1)
  model.delete()
  return masses
}

const antLeg = (upper: number, lower: number): number[] => [upper, upper, lower]
const antBodies = (upper: number, lower: number): number[] => [
  0.3272,
  ...[1, 2, 3, 4].flatMap(() => antLeg(upper, lower))
]

/** Masses of the original models in MuJoCo before (v2) and from 2.1.2 on (v4). */
const masses: readonly [name: string, robot: (variant: Variant) => RobotSpec, v2: number[], v4: number[]][] =
  [
    [
      'HalfCheetah',
      halfCheetah,
      [6.3603, 1.5352, 1.5809, 1.0692, 1.4256, 1.1789, 0.8499],
      [6.2502, 1.5435, 1.5874, 1.0954, 1.4381, 1.2008, 0.8845]
    ],
    ['Hopper', hopper, [3.5343, 3.927, 2.7143, 5.0894], [3.6652, 4.0579, 2.7814, 5.3156]],
    [
      'Walker2d',
      walker2d,
      [3.5343, 3.927, 2.7143, 2.9405, 3.927, 2.7143, 2.9405],
      [3.6652, 4.0579, 2.7814, 3.1667, 4.0579, 2.7814, 3.1667]
    ],
    ['Ant', ant, antBodies(0.0365, 0.0649), antBodies(0.0392, 0.0676)]
  ]

describe.each(masses)('%s', (_name, robot, v2, v4) => {
  it.each([
    ['v2', v2],
    ['v4', v4],
    ['v5', v4]
  ] as const)('weighs as the original %s', async (variant, expected) => {
    const found = await massesOf(robot(variant))
    expect(found).toHaveLength(expected.length)
    found.forEach((mass, index) => expect(mass).toBeCloseTo(expected[index], 4))
  })
})

describe.each(robotEnvironments.map(({ id }) => id))('%s', id => {
  it('names every number of its observations and actions with words', async () => {
    const { info, observationSize, actions } = await preparedRobot(id)
    expect(info.observationNames).toHaveLength(observationSize)
    expect(new Set(info.observationNames).size).toBe(observationSize)
    expect(actions).toMatchObject({ kind: 'continuous', size: info.actionNames.length })
    expect(info.hasScene).toBe(true)
  })

  it('has a scene of the contract, in which every number of qpos moves something', async () => {
    const { robot } = await preparedRobot(id)
    const scene = sceneDescription.parse(robot.scene)
    expect(scene.positionSize).toBe(robot.positionSize)
    const addresses = scene.joints.flatMap(joint =>
      Array.from({ length: joint.type === 'free' ? 7 : 1 }, (_, index) => joint.address + index)
    )
    expect(addresses).toEqual(Array.from({ length: robot.positionSize }, (_, index) => index))
    scene.bodies.forEach((body, index) => expect(body.parent).toBeLessThan(index))
    for (const geom of scene.geoms) expect(Math.hypot(...geom.orientation)).toBeCloseTo(1, 12)
  })

  it('finds its state again in an observation, but for the way gone', async () => {
    const environment = await preparedRobot(id)
    const state = new Float64Array(environment.stateSize)
    const random = new RandomSequence(2, 'start')
    environment.reset(state, random)
    const observation = new Float32Array(environment.observationSize)
    environment.observe(state, observation)
    const found = new Float64Array(environment.stateSize)
    expect(environment.robot.setStateFromObservation(observation, found)).toBe(true)
    const hidden = id.startsWith('ant') ? 2 : 1
    expect([...found.subarray(0, hidden)]).toEqual(new Array<number>(hidden).fill(0))
    const known = environment.robot.positionSize + environment.robot.velocitySize
    for (let i = hidden; i < known; i++) expect(found[i]).toBeCloseTo(state[i], 6)
  })
})

describe('observations', () => {
  it('of Hopper and Walker2d do not determine a state whose velocity they clip', async () => {
    for (const id of ['hopper-v2', 'walker2d-v5']) {
      const environment = await preparedRobot(id)
      const observation = new Float32Array(environment.observationSize)
      observation[observation.length - 1] = 10
      expect(
        environment.robot.setStateFromObservation(observation, new Float64Array(environment.stateSize))
      ).toBe(false)
    }
  })

  it('of Ant end in nothing, 84 zeros or contact forces', async () => {
    const sizes = new Map<string, [size: number, touched: boolean]>()
    for (const id of ['ant-v2', 'ant-v4', 'ant-v5']) {
      const environment = await preparedRobot(id)
      const state = new Float64Array(environment.stateSize)
      environment.reset(state, new RandomSequence(3, 'start'))
      for (let step = 0; step < 30; step++) environment.step(state, new Float32Array(8), unused)
      const observation = new Float32Array(environment.observationSize)
      environment.observe(state, observation)
      sizes.set(id, [observation.length, observation.subarray(27).some(value => value !== 0)])
    }
    expect(Object.fromEntries(sizes)).toEqual({
      'ant-v2': [111, false],
      'ant-v4': [27, false],
      'ant-v5': [105, true]
    })
  })
})

describe('actions beyond their bounds', () => {
  it('are paid for as given from v4 on, and clipped first in v2', async () => {
    for (const [id, beyond] of [
      ['halfcheetah-v2', 0],
      ['halfcheetah-v4', 0.1 * 6 * (4 - 1)],
      ['halfcheetah-v5', 0.1 * 6 * (4 - 1)]
    ] as const) {
      const environment = await preparedRobot(id)
      const rewards = [1, 2].map(size => {
        const state = new Float64Array(environment.stateSize)
        environment.robot.setState(new Float64Array(9), new Float64Array(9), state)
        return environment.step(state, new Float32Array(6).fill(size), unused).reward
      })
      expect(rewards[0] - rewards[1]).toBeCloseTo(beyond, 9)
    }
  })
})
