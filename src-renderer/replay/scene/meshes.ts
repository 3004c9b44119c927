import {
  BoxGeometry,
  type BufferGeometry,
  CapsuleGeometry,
  CylinderGeometry,
  Group,
  type Material,
  Matrix4,
  Mesh,
  Quaternion,
  SphereGeometry,
  Vector3
} from 'three'
import { mergeGeometries } from 'three/addons/utils/BufferGeometryUtils.js'
import type { SceneDescription } from '../../../src-preload/contract/scene.ts'

type Geom = SceneDescription['geoms'][number]

/** One shape about its own origin; three's capsules and cylinders stand along y, MuJoCo's along z. */
function shapeOf({ type, size: [a, b, c] }: Geom): BufferGeometry | null {
  if (type === 'capsule') return new CapsuleGeometry(a, 2 * b, 5, 14).rotateX(Math.PI / 2)
  if (type === 'cylinder') return new CylinderGeometry(a, a, 2 * b, 18).rotateX(Math.PI / 2)
  if (type === 'sphere') return new SphereGeometry(a, 20, 14)
  if (type === 'box') return new BoxGeometry(2 * a, 2 * b, 2 * c)
  return null
}

function placed(geom: Geom): BufferGeometry | null {
  const shape = shapeOf(geom)
  const [w, x, y, z] = geom.orientation
  const place = new Matrix4().compose(
    new Vector3(...geom.position),
    new Quaternion(x, y, z, w),
    new Vector3(1, 1, 1)
  )
  return shape?.applyMatrix4(place) ?? null
}

/** The shapes of a body (or of the world, -1) and a role as one geometry: one draw call. */
export function geometryOf(scene: SceneDescription, body: number, role: Geom['role']): BufferGeometry | null {
  const shapes = scene.geoms
    .filter(geom => geom.body === body && geom.role === role)
    .map(placed)
    .filter(shape => shape !== null)
    .map(shape => (shape.index ? shape.toNonIndexed() : shape))
  return shapes.length === 0 ? null : mergeGeometries(shapes)
}

/** The geometry of every body in a role, shared by all tracks; null for a body without. */
export const bodyGeometries = (
  scene: SceneDescription,
  role: 'robot' | 'goal'
): readonly (BufferGeometry | null)[] => scene.bodies.map((_, body) => geometryOf(scene, body, role))

/** A robot, or a goal that is moved, as one mesh a body, whose places are written at every frame. */
export class RobotMesh {
  readonly group = new Group()
  readonly #bodies: readonly (Mesh | null)[]

  constructor(geometries: readonly (BufferGeometry | null)[], material: Material) {
    this.#bodies = geometries.map(geometry => {
      if (geometry === null) return null
      const mesh = new Mesh(geometry, material)
      mesh.matrixAutoUpdate = false
      this.group.add(mesh)
      return mesh
    })
  }

  /** @param poses [bodies, 7] */
  place(poses: Float64Array): void {
    const position = new Vector3()
    const turn = new Quaternion()
    const one = new Vector3(1, 1, 1)
    this.#bodies.forEach((mesh, body) => {
      if (mesh === null) return
      const [x = 0, y = 0, z = 0, qw = 1, qx = 0, qy = 0, qz = 0] = poses.subarray(body * 7, body * 7 + 7)
      mesh.matrix.compose(position.set(x, y, z), turn.set(qx, qy, qz, qw), one)
    })
  }
}
