import type { MjData } from '@mujoco/mujoco'
import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../../src-main/base/random.ts'
import { environments } from '../../../../src-main/environments/index.ts'
import { ant } from '../../../../src-main/environments/mujoco/ant.ts'
import { antMazeModel } from '../../../../src-main/environments/mujoco/antMazeModel.ts'
import type { AntMazeName } from '../../../../src-main/environments/mujoco/antMazeModel.ts'
import { halfCheetah } from '../../../../src-main/environments/mujoco/halfCheetah.ts'
import { hopper } from '../../../../src-main/environments/mujoco/hopper.ts'
import { invertedPendulumModel } from '../../../../src-main/environments/mujoco/invertedPendulumModel.ts'
import { maze2dModel } from '../../../../src-main/environments/mujoco/maze2dModel.ts'
import { mjcfOf } from '../../../../src-main/environments/mujoco/mjcf.ts'
import { mujocoModule } from '../../../../src-main/environments/mujoco/module.ts'
import { reacherModel } from '../../../../src-main/environments/mujoco/reacherModel.ts'
import type { ModelSpec } from '../../../../src-main/environments/mujoco/spec.ts'
import type { Variant } from '../../../../src-main/environments/mujoco/variants.ts'
import { walker2d } from '../../../../src-main/environments/mujoco/walker2d.ts'
import type { MazeName } from '../../../../src-main/environments/mazeLayouts.ts'
import type { SceneDescription } from '../../../../src-preload/contract/scene.ts'
import { Kinematics, poseSize } from '../../../../src-renderer/replay/scene/kinematics.ts'
import { largestGap } from './prepared.ts'

const robots = { halfcheetah: halfCheetah, hopper, walker2d, ant }

/** The model behind an environment with a scene, for MuJoCo to compile. */
function modelOf(id: string): ModelSpec {
  const robot = /^(halfcheetah|hopper|walker2d|ant)-(v\d)$/.exec(id)
  if (robot !== null) return robots[robot[1] as keyof typeof robots](robot[2] as Variant).model
  const maze = /^maze2d-(\w+)-strict/.exec(id)
  if (maze !== null) return maze2dModel(maze[1] as MazeName)
  const antMaze = /^antmaze-(\w+)$/.exec(id)
  if (antMaze !== null) return antMazeModel(antMaze[1] as AntMazeName, { x: 1, y: 2, radius: 1 })
  if (id === 'reacher-v4') return reacherModel
  if (id === 'inverted-pendulum-v4') return invertedPendulumModel
  throw new Error(`no model is known for ${id}`)
}

type Numbers = ArrayLike<number>
/** The rotation matrix of the unit quaternion at an offset, row by row. */
function matrixOf(quaternions: Numbers, at: number): number[] {
  const [w, x, y, z] = [0, 1, 2, 3].map(i => quaternions[at + i])
  return [
    ...[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
    ...[2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
    ...[2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]
  ]
}
const times = (a: Numbers, b: Numbers): number[] =>
  Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3) * 3, i % 3]
    return a[row] * b[column] + a[row + 1] * b[column + 3] + a[row + 2] * b[column + 6]
  })

/** Where a replay draws a geom: its place and its rotation matrix in the world. */
function drawn(geom: SceneDescription['geoms'][number], poses: Float64Array): readonly [number[], number[]] {
  const own = matrixOf(geom.orientation, 0)
  if (geom.body < 0) return [[...geom.position], own]
  const at = geom.body * poseSize
  const body = matrixOf(poses, at + 3)
  const [x, y, z] = geom.position
  const place = [0, 1, 2].map(
    i => poses[at + i] + body[3 * i] * x + body[3 * i + 1] * y + body[3 * i + 2] * z
  )
  return [place, times(body, own)]
}

/** What MuJoCo makes of a model, with the numbers of geoms that a replay draws too: not the inertia that v2 adds. */
async function compiled(spec: ModelSpec) {
  const module = await mujocoModule()
  const model = module.MjModel.from_xml_string(mjcfOf(spec))
  const data = new module.MjData(model)
  const cylinder = module.mjtGeom.mjGEOM_CYLINDER.value
  const shown = Array.from(model.geom_type as Int32Array, (type, index) => ({ type, index }))
    .filter(({ type }) => type !== cylinder)
    .map(({ index }) => index)
  return { module, model, data, shown }
}

const numbers = (data: MjData, name: string): Float64Array =>
  (data as unknown as Record<string, Float64Array>)[name]

/** Mazes of a point show their map, and have a scene all the same. */
const withScenes = environments.filter(({ robot }) => robot !== undefined)

it('covers every environment whose page has a scene', () => {
  const ids = withScenes.map(({ id }) => id)
  expect(ids).toHaveLength(25)
  expect(ids).toEqual(expect.arrayContaining(environments.filter(e => e.info.hasScene).map(({ id }) => id)))
})

describe.each(withScenes.map(({ id, robot }) => [id, robot] as const))('the replay of %s', (id, robot) => {
  const scene = robot?.scene as SceneDescription

  it('puts all bodies and geoms where mj_forward puts them', async () => {
    const { module, model, data, shown } = await compiled(modelOf(id))
    expect(model.nq).toBe(scene.positionSize)
    expect(shown).toHaveLength(scene.geoms.length)
    const random = new RandomSequence(3, `kinematics/${id}`)
    const kinematics = new Kinematics(scene)
    const poses = new Float64Array(scene.bodies.length * poseSize)
    // MuJoCo numbers bodies depth first: names say whether the tables do so too
    const order = scene.bodies.map(({ name }) =>
      module.mj_name2id(model, module.mjtObj.mjOBJ_BODY.value, name)
    )
    expect(order).toEqual(scene.bodies.map((_, index) => index + 1))
    for (let draw = 0; draw < 20; draw++) {
      const given = Float64Array.from({ length: scene.positionSize }, () => 2 * random.normal())
      numbers(data, 'qpos').set(given)
      module.mj_forward(model, data)
      kinematics.poses(given, 0, poses)
      const [xpos, xmat] = [numbers(data, 'xpos'), numbers(data, 'xmat')]
      scene.bodies.forEach((_, body) => {
        const at = body * poseSize
        expect(
          largestGap(poses.subarray(at, at + 3), xpos.subarray(3 * body + 3, 3 * body + 6))
        ).toBeLessThan(1e-12)
        expect(largestGap(matrixOf(poses, at + 3), xmat.subarray(9 * body + 9, 9 * body + 18))).toBeLessThan(
          1e-12
        )
      })
      const [places, turns] = [numbers(data, 'geom_xpos'), numbers(data, 'geom_xmat')]
      scene.geoms.forEach((geom, index) => {
        const own = shown[index]
        const [place, turn] = drawn(geom, poses)
        if (geom.role !== 'goal')
          expect(largestGap(place, places.subarray(3 * own, 3 * own + 3))).toBeLessThan(1e-12)
        expect(largestGap(turn, turns.subarray(9 * own, 9 * own + 9))).toBeLessThan(1e-12)
      })
    }
    data.delete()
    model.delete()
  })

  it('draws every geom in the shape and size that MuJoCo has', async () => {
    const { module, model, data, shown } = await compiled(modelOf(id))
    const types: Record<number, string> = Object.fromEntries(
      (['plane', 'capsule', 'sphere', 'box'] as const).map(type => [
        module.mjtGeom[`mjGEOM_${type.toUpperCase() as Uppercase<typeof type>}`].value,
        type
      ])
    )
    const [kinds, sizes] = [model.geom_type as Int32Array, model.geom_size as Float64Array]
    scene.geoms.forEach((geom, index) => {
      const own = shown[index]
      expect(types[kinds[own]]).toBe(geom.type)
      if (geom.type === 'plane' || (geom.role === 'goal' && id.startsWith('antmaze'))) return
      expect(largestGap(geom.size, sizes.subarray(3 * own, 3 * own + 3))).toBeLessThan(1e-15)
    })
    data.delete()
    model.delete()
  })
})
