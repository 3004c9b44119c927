import { aboutY, capsuleBetween } from './spec.ts'
import type { Contact, ModelSpec } from './spec.ts'

/** Nothing of it collides. */
const none: Contact = { contype: 0, conaffinity: 0, condim: 3, friction: [1, 0.1, 0.1] }
const flat = aboutY(Math.PI / 2)

/** A pole on a cart on a rail, which a motor pushes; the pole leans by a millimetre over its length. */
export const invertedPendulumModel: ModelSpec = {
  name: 'inverted-pendulum',
  timestep: 0.02,
  integrator: 'RK4',
  capsuleInertia: 'exact',
  world: [
    { type: 'capsule', size: [0.02, 1], position: [0, 0, 0], orientation: flat, role: 'floor', contact: none }
  ],
  bodies: [
    {
      name: 'cart',
      parent: null,
      position: [0, 0, 0],
      joints: [
        { name: 'slider', type: 'slide', axis: [1, 0, 0], anchor: [0, 0, 0], range: [-1, 1], damping: 1 }
      ],
      geoms: [
        {
          type: 'capsule',
          size: [0.1, 0.1],
          position: [0, 0, 0],
          orientation: flat,
          role: 'robot',
          contact: none
        }
      ]
    },
    {
      name: 'pole',
      parent: 'cart',
      position: [0, 0, 0],
      joints: [
        {
          name: 'hinge',
          type: 'hinge',
          axis: [0, 1, 0],
          anchor: [0, 0, 0],
          range: [-Math.PI / 2, Math.PI / 2],
          damping: 1
        }
      ],
      geoms: [{ ...capsuleBetween(0.049, [0, 0, 0], [0.001, 0, 0.6]), role: 'robot', contact: none }]
    }
  ],
  actuators: [{ joint: 'slider', gear: 100, limit: 3 }]
}
