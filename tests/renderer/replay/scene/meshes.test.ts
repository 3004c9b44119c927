import { describe, expect, it } from 'vitest'
import type { SceneDescription } from '../../../../src-preload/contract/scene.ts'
import { bodyGeometries } from '../../../../src-renderer/replay/scene/meshes.ts'

/** An arm, and a target on a body of its own, as Reacher has them. */
const scene: SceneDescription = {
  positionSize: 0,
  stepSeconds: 0.02,
  bodies: [
    { name: 'arm', parent: -1, position: [0, 0, 0], orientation: [1, 0, 0, 0] },
    { name: 'target', parent: -1, position: [0.1, 0, 0], orientation: [1, 0, 0, 0] }
  ],
  joints: [],
  geoms: [
    {
      body: 0,
      type: 'capsule',
      size: [0.01, 0.05, 0],
      role: 'robot',
      position: [0, 0, 0],
      orientation: [1, 0, 0, 0]
    },
    {
      body: 1,
      type: 'sphere',
      size: [0.009, 0, 0],
      role: 'goal',
      position: [0, 0, 0],
      orientation: [1, 0, 0, 0]
    }
  ],
  camera: { view: 'above', follow: null, span: 0.5 }
}

describe('shapes of bodies', () => {
  it('keeps the goal that a body carries apart from the robot', () => {
    expect(bodyGeometries(scene, 'robot').map(geometry => geometry !== null)).toEqual([true, false])
    const goals = bodyGeometries(scene, 'goal')
    expect(goals.map(geometry => geometry !== null)).toEqual([false, true])
    goals[1]?.computeBoundingSphere()
    expect(goals[1]?.boundingSphere?.radius).toBeCloseTo(0.009, 6)
  })
})
