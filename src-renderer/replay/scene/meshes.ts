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

/** How round round things are: by the segments of a circle and of a quarter of it. */
export type Detail = keyof typeof segments
const segments = { fine: { round: 18, quarter: 5 }, coarse: { round: 10, quarter: 3 } }

/** One shape about its own origin; three's capsules and cylinders stand along y, MuJoCo's along z. */
function shapeOf({ type, size: [a, b, c] }: Geom, detail: Detail): BufferGeometry | null {
  const { round, quarter } = segments[detail]
  if (type === 'capsule') return new CapsuleGeometry(a, 2 * b, quarter, round).rotateX(Math.PI / 2)
  if (type === 'cylinder') return new CylinderGeometry(a, a, 2 * b, round).rotateX(Math.PI / 2)
  if (type === 'sphere') return new SphereGeometry(a, round, 2 * quarter)
  if (type === 'box') return new BoxGeometry(2 * a, 2 * b, 2 * c)
  return null
}

function placed(geom: Geom, detail: Detail): BufferGeometry | null {
  const shape = shapeOf(geom, detail)
  const [w, x, y, z] = geom.orientation
  const place = new Matrix4().compose(
    new Vector3(...geom.position),
    new Quaternion(x, y, z, w),
    new Vector3(1, 1, 1)
  )
  // Nothing is textured.
  return shape?.deleteAttribute('uv').applyMatrix4(place) ?? null
}

/** The shapes of a body (or of the world, -1) and a role as one geometry: one draw call. */
export function geometryOf(
  scene: SceneDescription,
  body: number,
  role: Geom['role'],
  detail: Detail = 'fine'
): BufferGeometry | null {
  const shapes = scene.geoms
    .filter(geom => geom.body === body && geom.role === role)
    .map(geom => placed(geom, detail))
    .filter(shape => shape !== null)
  return shapes.length === 0 ? null : mergeGeometries(shapes)
}

/** The geometry of every body in a role, shared by all tracks; null for a body without. */
export const bodyGeometries = (
  scene: SceneDescription,
  role: 'robot' | 'goal',
  detail: Detail = 'fine'
): readonly (BufferGeometry | null)[] => scene.bodies.map((_, body) => geometryOf(scene, body, role, detail))

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
