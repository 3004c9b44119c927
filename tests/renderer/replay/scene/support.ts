import type { SceneDescription } from '../../../../src-preload/contract/scene.ts'

/** A cart on a rail with a pole that hangs from a hinge at its top. */
export const cart: SceneDescription = {
  positionSize: 2,
  stepSeconds: 0.02,
  bodies: [
    { name: 'cart', parent: -1, position: [0, 0, 1], orientation: [1, 0, 0, 0] },
    { name: 'pole', parent: 0, position: [0, 0, 0.5], orientation: [1, 0, 0, 0] }
  ],
  joints: [
    { name: 'slide', body: 0, type: 'slide', axis: [1, 0, 0], anchor: [0, 0, 0], address: 0, reference: 0 },
    { name: 'hinge', body: 1, type: 'hinge', axis: [0, 1, 0], anchor: [0, 0, -0.5], address: 1, reference: 0 }
  ],
  geoms: [
    {
      body: -1,
      type: 'plane',
      size: [5, 5, 1],
      position: [0, 0, 0],
      orientation: [1, 0, 0, 0],
      role: 'floor'
    },
    {
      body: 0,
      type: 'box',
      size: [0.2, 0.1, 0.1],
      position: [0, 0, 0],
      orientation: [1, 0, 0, 0],
      role: 'robot'
    },
    {
      body: 1,
      type: 'capsule',
      size: [0.05, 0.5, 0],
      position: [0, 0, 0],
      orientation: [1, 0, 0, 0],
      role: 'robot'
    }
  ],
  camera: { view: 'side', follow: 0, span: 3 }
}
