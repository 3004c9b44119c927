import { describe, expect, it } from 'vitest'
import { RandomSequence } from '../../../../src-main/base/random.ts'
import { ant } from '../../../../src-main/environments/mujoco/ant.ts'
import { halfCheetah } from '../../../../src-main/environments/mujoco/halfCheetah.ts'
import { hopper } from '../../../../src-main/environments/mujoco/hopper.ts'
import { sceneOf } from '../../../../src-main/environments/mujoco/sceneOf.ts'
import { Simulation } from '../../../../src-main/environments/mujoco/simulation.ts'
import { walker2d } from '../../../../src-main/environments/mujoco/walker2d.ts'
import { Kinematics, poseSize } from '../../../../src-renderer/replay/scene/kinematics.ts'

describe('the kinematics of a replay', () => {
  it.each([halfCheetah, hopper, walker2d, ant].map(robot => robot('v4')))(
    'puts the bodies of $title where MuJoCo puts them',
    async spec => {
      const simulation = await Simulation.open(spec.model)
      const random = new RandomSequence(3, `kinematics/${spec.id}`)
      const scene = sceneOf(spec.model, 1, spec.camera)
      const kinematics = new Kinematics(scene)
      const poses = new Float64Array(scene.bodies.length * poseSize)
      for (let draw = 0; draw < 20; draw++) {
        const { qpos, xpos } = simulation.views()
        for (let i = 0; i < qpos.length; i++) qpos[i] = spec.start[i] + random.uniform(-1, 1)
        // MuJoCo reads a quaternion by its direction, and recorded ones have length 1.
        const given = Float64Array.from(qpos)
        simulation.forward()
        kinematics.poses(given, 0, poses)
        for (let body = 0; body < scene.bodies.length; body++)
          for (let axis = 0; axis < 3; axis++)
            expect(poses[body * poseSize + axis]).toBeCloseTo(xpos[(body + 1) * 3 + axis], 12)
      }
      simulation.dispose()
    }
  )
})
