import type { SceneDescription } from '../../../src-preload/contract/scene.ts'
import { jointSizes, noRotation, stateSizes } from './spec.ts'
import type { GeomSpec, ModelSpec, Quaternion, Vector } from './spec.ts'

const mutable3 = ([x, y, z]: Vector): [number, number, number] => [x, y, z]
const mutable4 = ([w, x, y, z]: Quaternion): [number, number, number, number] => [w, x, y, z]

const geomOf = (geom: GeomSpec, body: number): SceneDescription['geoms'][number] => ({
  body,
  type: geom.type,
  size: [geom.size[0] ?? 0, geom.size[1] ?? 0, geom.size[2] ?? 0],
  position: mutable3(geom.position),
  orientation: mutable4(geom.orientation),
  role: geom.role
})

/** What a replay draws of a model: the same tables that it is simulated from. */
export function sceneOf(
  spec: ModelSpec,
  stepSeconds: number,
  camera: SceneDescription['camera']
): SceneDescription {
  let address = 0
  const joints = spec.bodies.flatMap((body, index) =>
    body.joints.map(joint => {
      const at = address
      address += jointSizes(joint).positions
      const { name, type, axis, anchor, reference = 0 } = joint
      return {
        name,
        body: index,
        type,
        axis: mutable3(axis),
        anchor: mutable3(anchor),
        address: at,
        reference
      }
    })
  )
  const names = spec.bodies.map(body => body.name)
  return {
    positionSize: stateSizes(spec).positions,
    stepSeconds,
    bodies: spec.bodies.map(body => ({
      name: body.name,
      parent: body.parent === null ? -1 : names.indexOf(body.parent),
      position: mutable3(body.position),
      orientation: mutable4(noRotation)
    })),
    joints,
    geoms: [
      ...spec.world.map(geom => geomOf(geom, -1)),
      ...spec.bodies.flatMap((body, index) => body.geoms.map(geom => geomOf(geom, index)))
    ],
    camera
  }
}
