import type { SceneDescription } from '../../../src-preload/contract/scene.ts'
import { cameraOf } from './camera.ts'
import type { SceneColours } from './colours.ts'
import { Kinematics, poseSize, positionsAt } from './kinematics.ts'
import type { SceneTrack } from './stage.ts'

type Geom = SceneDescription['geoms'][number]
type Point = readonly [number, number]
type Place = readonly [number, number, number]

/** A drawn shape, in metres to the right and down from what the camera looks at. */
export type FlatShape =
  | {
      readonly kind: 'stroke'
      readonly from: Point
      readonly to: Point
      readonly width: number
      readonly depth: number
    }
  | { readonly kind: 'polygon'; readonly points: readonly Point[]; readonly depth: number }

function rotate(quaternion: readonly number[], [x, y, z]: Place): Place {
  const [w = 1, a = 0, b = 0, c = 0] = quaternion
  const tx = 2 * (b * z - c * y)
  const ty = 2 * (c * x - a * z)
  const tz = 2 * (a * y - b * x)
  return [x + w * tx + b * tz - c * ty, y + w * ty + c * tx - a * tz, z + w * tz + a * ty - b * tx]
}

const plus = (a: Place, b: Place): Place => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]

/** Parallel projection along the camera's direction. */
interface Projection {
  readonly right: Place
  readonly up: Place
  readonly away: Place
  readonly target: Place
}

const dot = (a: Place, b: Place): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const cross = (a: Place, b: Place): Place => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0]
]
function unit(a: Place): Place {
  const length = Math.hypot(...a)
  return [a[0] / length, a[1] / length, a[2] / length]
}

function projectionOf(scene: SceneDescription, poses: Float64Array): Projection {
  const { eye, target } = cameraOf(scene, poses)
  const away = unit([target[0] - eye[0], target[1] - eye[1], target[2] - eye[2]])
  const right = unit(cross(away, [0, 0, 1]))
  return { right, up: cross(right, away), away, target: [target[0], target[1], target[2]] }
}

function project({ right, up, away, target }: Projection, place: Place): { point: Point; depth: number } {
  const from: Place = [place[0] - target[0], place[1] - target[1], place[2] - target[2]]
  return { point: [dot(from, right), -dot(from, up)], depth: dot(from, away) }
}

const corners = [-1, 1].flatMap(x => [-1, 1].flatMap(y => [-1, 1].map(z => [x, y, z] as const)))

/** Convex hull, by Andrew's monotone chain. */
function hull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const turn = (o: Point, a: Point, b: Point): number =>
    (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])
  const half = (order: readonly Point[]): Point[] => {
    const chain: Point[] = []
    for (const point of order) {
      while (chain.length > 1 && turn(chain.at(-2)!, chain.at(-1)!, point) <= 0) chain.pop()
      chain.push(point)
    }
    return chain.slice(0, -1)
  }
  return [...half(sorted), ...half(sorted.reverse())]
}

/** The silhouette of a geom under a place and turn of its body. */
function flatten(geom: Geom, at: Place, turn: readonly number[], projection: Projection): FlatShape | null {
  const local = (offset: Place): Place =>
    plus(at, rotate(turn, plus(geom.position, rotate(geom.orientation, offset))))
  const [a, b, c] = geom.size
  if (geom.type === 'plane') return null
  if (geom.type === 'box') {
    const seen = corners.map(([x, y, z]) => project(projection, local([x * a, y * b, z * c])))
    const depth = seen.reduce((sum, { depth: one }) => sum + one, 0) / seen.length
    return { kind: 'polygon', points: hull(seen.map(({ point }) => point)), depth }
  }
  const half = geom.type === 'sphere' ? 0 : b
  const from = project(projection, local([0, 0, -half]))
  const to = project(projection, local([0, 0, half]))
  return {
    kind: 'stroke',
    from: from.point,
    to: to.point,
    width: 2 * a,
    depth: (from.depth + to.depth) / 2
  }
}

/** A robot and its surroundings at one moment, farthest shapes first; `role` tells the colour. */
export interface FlatPicture {
  readonly shapes: readonly (FlatShape & { readonly role: Geom['role'] })[]
  /** Height of the ground's line below the middle, where the camera looks along the ground; else null. */
  readonly ground: number | null
}

/**
 * Draws a moment flat, by parallel projection along the replay's camera: for pictures in files, in tests and where there is no WebGL.
 * @param step fractional
 */
export function flatPicture(scene: SceneDescription, positions: Float32Array, step: number): FlatPicture {
  const qpos = new Float64Array(scene.positionSize)
  positionsAt(scene, positions, step, qpos)
  const poses = new Float64Array(scene.bodies.length * poseSize)
  new Kinematics(scene).poses(qpos, 0, poses)
  const projection = projectionOf(scene, poses)
  const shapes = scene.geoms.flatMap(geom => {
    const pose = geom.body < 0 ? [0, 0, 0, 1, 0, 0, 0] : [...poses.subarray(geom.body * 7, geom.body * 7 + 7)]
    const shape = flatten(geom, [pose[0]!, pose[1]!, pose[2]!], pose.slice(3), projection)
    return shape === null ? [] : [{ ...shape, role: geom.role }]
  })
  const ground =
    scene.camera.view === 'side' ? project(projection, [projection.target[0], 0, 0]).point[1] : null
  return { shapes: shapes.sort((a, b) => b.depth - a.depth), ground }
}

const number = (value: number): string => String(Number(value.toFixed(4)))

/** A shape as an SVG element. */
export function shapeMarkup(shape: FlatShape, colour: string, opacity = 1): string {
  if (shape.kind === 'polygon') {
    const points = shape.points.map(([x, y]) => `${number(x)},${number(y)}`).join(' ')
    return `<polygon points="${points}" fill="${colour}" opacity="${opacity}"/>`
  }
  const [x1, y1, x2, y2] = [...shape.from, ...shape.to].map(number)
  return (
    `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}" stroke-width="${number(shape.width)}" ` +
    `stroke-linecap="round" opacity="${opacity}"/>`
  )
}

/** A whole SVG file of tracks at their steps as ghosts of the first; equal input gives equal text. */
export function sceneSvg(
  scene: SceneDescription,
  tracks: readonly SceneTrack[],
  steps: readonly number[],
  colours: SceneColours,
  size: { readonly width: number; readonly height: number }
): string {
  const { span } = scene.camera
  const wide = (span * size.width) / size.height
  const pictures = tracks.map((track, index) => flatPicture(scene, track.positions, steps[index] ?? 0))
  const world = (pictures[0]?.shapes ?? []).filter(({ role }) => role !== 'robot')
  const ground = pictures[0]?.ground ?? null
  const robots = pictures.map((picture, index) =>
    picture.shapes
      .filter(({ role }) => role === 'robot')
      .map(shape => shapeMarkup(shape, tracks[index]!.colour, index === 0 ? 1 : 0.5))
      .join('')
  )
  const box = [-wide / 2, -span / 2, wide, span].map(number).join(' ')
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="${box}">`,
    `<rect x="${number(-wide / 2)}" y="${number(-span / 2)}" width="${number(wide)}" height="${number(span)}" fill="${colours.sky}"/>`,
    ground === null
      ? ''
      : `<rect x="${number(-wide / 2)}" y="${number(ground)}" width="${number(wide)}" height="${number(span)}" fill="${colours.ground}"/>`,
    ...world.map(shape => shapeMarkup(shape, shape.role === 'goal' ? colours.goal : colours.wall)),
    // The first lies on top.
    ...robots.reverse(),
    '</svg>'
  ].join('')
}
