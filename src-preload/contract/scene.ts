import { z } from 'zod'

/** Metres, x forward, y left, z up. */
const vector = z.tuple([z.number(), z.number(), z.number()])
/** w, x, y, z; unit length. */
const quaternion = z.tuple([z.number(), z.number(), z.number(), z.number()])

export const sceneBody = z.object({
  name: z.string(),
  /** Index of its parent among the bodies, which precedes it; -1 for a child of the world. */
  parent: z.number().int(),
  position: vector,
  orientation: quaternion
})

export const sceneJoint = z.object({
  name: z.string(),
  body: z.number().int(),
  type: z.enum(['hinge', 'slide', 'free']),
  /** In the body's frame; without meaning for `free`. */
  axis: vector,
  anchor: vector,
  /** Its first number in `qpos`; a free joint has seven: position, then quaternion. */
  address: z.number().int(),
  /** The value of `qpos` in the pose that the bodies describe. */
  reference: z.number()
})

export const sceneGeom = z.object({
  /** -1 for the world. */
  body: z.number().int(),
  type: z.enum(['plane', 'capsule', 'sphere', 'box', 'cylinder']),
  /** As MuJoCo: radius and half length of capsules and cylinders (along z), radius of spheres, half sizes of boxes. */
  size: vector,
  position: vector,
  orientation: quaternion,
  role: z.enum(['floor', 'wall', 'robot', 'goal'])
})

/** All that a picture of a simulated robot needs besides its `qpos`: forward kinematics turns both into poses. */
export const sceneDescription = z.object({
  /** Length of `qpos`. */
  positionSize: z.number().int(),
  /** Seconds of an environment step. */
  stepSeconds: z.number(),
  bodies: z.array(sceneBody),
  /** In the order in which they move their bodies. */
  joints: z.array(sceneJoint),
  geoms: z.array(sceneGeom),
  camera: z.object({
    /** `side` looks along +y at x and z, `above` looks down at x and y, `free` from a corner. */
    view: z.enum(['side', 'above', 'free']),
    /** Body that the camera follows, or null for one that shows the whole scene. */
    follow: z.number().int().nullable(),
    /** Metres that the height of the picture shows. */
    span: z.number()
  })
})
export type SceneDescription = z.infer<typeof sceneDescription>
