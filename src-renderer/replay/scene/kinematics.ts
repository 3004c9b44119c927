import type { SceneDescription } from '../../../src-preload/contract/scene.ts'

/** Numbers of a pose: x, y, z, then the quaternion w, x, y, z. */
export const poseSize = 7

type Numbers = Float64Array | readonly number[]

/** out = a b, quaternions w, x, y, z at offsets. */
function multiply(out: Float64Array, at: number, a: Numbers, ai: number, b: Numbers, bi: number): void {
  const [aw, ax, ay, az] = [a[ai]!, a[ai + 1]!, a[ai + 2]!, a[ai + 3]!]
  const [bw, bx, by, bz] = [b[bi]!, b[bi + 1]!, b[bi + 2]!, b[bi + 3]!]
  out[at] = aw * bw - ax * bx - ay * by - az * bz
  out[at + 1] = aw * bx + ax * bw + ay * bz - az * by
  out[at + 2] = aw * by - ax * bz + ay * bw + az * bx
  out[at + 3] = aw * bz + ax * by - ay * bx + az * bw
}

/** out += sign q v q*, for a unit quaternion at an offset and a vector. */
function addRotated(
  out: Float64Array,
  at: number,
  q: Numbers,
  qi: number,
  x: number,
  y: number,
  z: number,
  sign: number
): void {
  const [w, a, b, c] = [q[qi]!, q[qi + 1]!, q[qi + 2]!, q[qi + 3]!]
  const tx = 2 * (b * z - c * y)
  const ty = 2 * (c * x - a * z)
  const tz = 2 * (a * y - b * x)
  out[at]! += sign * (x + w * tx + b * tz - c * ty)
  out[at + 1]! += sign * (y + w * ty + c * tx - a * tz)
  out[at + 2]! += sign * (z + w * tz + a * ty - b * tx)
}

/** Joints of each body, in their order. */
function jointsByBody({ bodies, joints }: SceneDescription): readonly SceneDescription['joints'][] {
  return bodies.map((_, body) => joints.filter(joint => joint.body === body))
}

/**
 * Forward kinematics of one scene: where its bodies are for given joint positions. The same steps as MuJoCo's `mj_kinematics`
 * (Featherstone 2008, chapter 4): every body starts at its place in its parent, then its joints move it one after the other about
 * their anchors. Nothing is allocated in a call.
 */
export class Kinematics {
  readonly #scene: SceneDescription
  readonly #joints: readonly SceneDescription['joints'][]
  readonly #turn = new Float64Array(8)
  readonly #anchor = new Float64Array(3)

  constructor(scene: SceneDescription) {
    this.#scene = scene
    this.#joints = jointsByBody(scene)
  }

  /**
   * Writes the world poses of all bodies.
   * @param qpos joint positions; `positionSize` numbers from `offset`
   * @param poses [bodies, 7]
   */
  poses(qpos: ArrayLike<number>, offset: number, poses: Float64Array): void {
    for (let body = 0; body < this.#scene.bodies.length; body++) this.#place(body, qpos, offset, poses)
  }

  #place(body: number, qpos: ArrayLike<number>, offset: number, poses: Float64Array): void {
    const { parent, position, orientation } = this.#scene.bodies[body]!
    const at = body * poseSize
    if (parent < 0) {
      poses.set(position, at)
      poses.set(orientation, at + 3)
    } else {
      const from = parent * poseSize
      for (let i = 0; i < 3; i++) poses[at + i] = poses[from + i]!
      addRotated(poses, at, poses, from + 3, position[0], position[1], position[2], 1)
      multiply(poses, at + 3, poses, from + 3, orientation, 0)
    }
    for (const joint of this.#joints[body]!) this.#move(joint, at, qpos, offset, poses)
  }

  #move(
    joint: SceneDescription['joints'][number],
    at: number,
    qpos: ArrayLike<number>,
    offset: number,
    poses: Float64Array
  ): void {
    const first = offset + joint.address
    if (joint.type === 'free') return freePose(poses, at, qpos, first)
    const [x, y, z] = joint.axis
    const value = qpos[first]! - joint.reference
    if (joint.type === 'slide')
      return addRotated(poses, at, poses, at + 3, x * value, y * value, z * value, 1)
    const anchor = this.#anchor
    const [ax, ay, az] = joint.anchor
    for (let i = 0; i < 3; i++) anchor[i] = poses[at + i]!
    addRotated(anchor, 0, poses, at + 3, ax, ay, az, 1)
    const length = Math.hypot(x, y, z)
    const sine = Math.sin(value / 2) / length
    this.#turn.set([Math.cos(value / 2), x * sine, y * sine, z * sine])
    multiply(this.#turn, 4, poses, at + 3, this.#turn, 0)
    for (let i = 0; i < 4; i++) poses[at + 3 + i] = this.#turn[4 + i]!
    for (let i = 0; i < 3; i++) poses[at + i] = anchor[i]!
    addRotated(poses, at, poses, at + 3, ax, ay, az, -1)
  }
}

function freePose(poses: Float64Array, at: number, qpos: ArrayLike<number>, first: number): void {
  for (let i = 0; i < 3; i++) poses[at + i] = qpos[first + i]!
  const length = Math.hypot(qpos[first + 3]!, qpos[first + 4]!, qpos[first + 5]!, qpos[first + 6]!) || 1
  for (let i = 3; i < 7; i++) poses[at + i] = qpos[first + i]! / length
}

/**
 * The joint positions at a fractional step, between the recorded ones: numbers are interpolated, quaternions of free joints
 * normalised after it.
 * @param positions [T + 1, size]
 * @param out [size]
 */
export function positionsAt(
  scene: SceneDescription,
  positions: Float32Array,
  step: number,
  out: Float64Array
): void {
  const size = scene.positionSize
  const last = Math.floor(positions.length / size) - 1
  const at = Math.max(0, Math.min(last, step))
  const before = Math.floor(at)
  const after = Math.min(last, before + 1)
  const share = at - before
  for (let i = 0; i < size; i++) {
    const a = positions[before * size + i]!
    out[i] = a + share * (positions[after * size + i]! - a)
  }
  for (const joint of scene.joints) {
    if (joint.type === 'free') shortestTurn(joint.address + 3, positions, size, before, after, share, out)
  }
}

/** q and -q are the same turn: blends towards the nearer one. */
function shortestTurn(
  address: number,
  positions: Float32Array,
  size: number,
  before: number,
  after: number,
  share: number,
  out: Float64Array
): void {
  let dot = 0
  for (let i = address; i < address + 4; i++)
    dot += positions[before * size + i]! * positions[after * size + i]!
  if (dot >= 0) return
  for (let i = address; i < address + 4; i++)
    out[i] = (1 - share) * positions[before * size + i]! - share * positions[after * size + i]!
}
