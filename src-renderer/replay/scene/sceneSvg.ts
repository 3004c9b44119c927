import type { SceneDescription } from '../../../src-preload/contract/scene.ts'
import { cameraOfAll, goesOn, type CameraPose, type CameraTurn, type Seen } from './camera.ts'
import type { SceneColours } from './colours.ts'
import { withGoal } from './goals.ts'
import { Kinematics, poseSize, positionsAt } from './kinematics.ts'
import { opacityOf } from './panes.ts'
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

function projectionOf({ eye, target }: CameraPose): Projection {
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

function pictureOf(scene: SceneDescription, poses: Float64Array, camera: CameraPose): FlatPicture {
  const projection = projectionOf(camera)
  const shapes = scene.geoms.flatMap(geom => {
    const pose = geom.body < 0 ? [0, 0, 0, 1, 0, 0, 0] : [...poses.subarray(geom.body * 7, geom.body * 7 + 7)]
    // A body of an exploded simulation is nowhere.
    if (!pose.every(Number.isFinite)) return []
    const shape = flatten(geom, [pose[0]!, pose[1]!, pose[2]!], pose.slice(3), projection)
    return shape === null ? [] : [{ ...shape, role: geom.role }]
  })
  const ground =
    scene.camera.view === 'side' ? project(projection, [projection.target[0], 0, 0]).point[1] : null
  return { shapes: shapes.sort((a, b) => b.depth - a.depth), ground }
}

/** Robots that share a frame. */
export interface FlatFrame {
  /** One a track. */
  readonly pictures: readonly FlatPicture[]
  /** How solid each is drawn. */
  readonly opacities: readonly number[]
  /** Metres from the bottom to the top of the frame. */
  readonly height: number
}

/**
 * Draws a moment flat, by parallel projection along the replay's camera: for pictures in files, in tests and where there is no WebGL.
 * @param tracks of one pane, the first one leads
 * @param steps fractional, one a track
 * @param aspect width over height of the frame
 */
export function flatFrame(
  scene: SceneDescription,
  tracks: readonly SceneTrack[],
  steps: readonly number[],
  aspect: number,
  turn?: CameraTurn
): FlatFrame {
  const kinematics = new Kinematics(scene)
  const robots = tracks.map((track, index): Seen => {
    const step = steps[index] ?? 0
    const qpos = new Float64Array(scene.positionSize)
    positionsAt(scene, track.positions, step, qpos)
    const poses = new Float64Array(scene.bodies.length * poseSize)
    kinematics.poses(qpos, 0, poses)
    return { poses, step, length: track.length }
  })
  const [first, ...others] = robots
  if (!first) return { pictures: [], opacities: [], height: scene.camera.span }
  const camera = cameraOfAll(scene, [first, ...others], aspect, turn)
  return {
    pictures: robots.map(({ poses }, index) =>
      pictureOf(withGoal(scene, tracks[index]?.goal), poses, camera)
    ),
    opacities: robots.map((robot, index) => opacityOf(index, robots.length > 1 && !goesOn(robot))),
    height: camera.height
  }
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
  size: { readonly width: number; readonly height: number },
  turn?: CameraTurn
): string {
  const aspect = size.width / size.height
  const { pictures, opacities, height } = flatFrame(scene, tracks, steps, aspect, turn)
  const wide = height * aspect
  const still = pictures.flatMap(({ shapes }, index) =>
    shapes
      .filter(({ role }) => role === 'goal' || (role !== 'robot' && index === 0))
      .map(shape => shapeMarkup(shape, shape.role === 'goal' ? colours.goal : colours.wall))
  )
  const ground = pictures[0]?.ground ?? null
  const robots = pictures.map((picture, index) =>
    picture.shapes
      .filter(({ role }) => role === 'robot')
      .map(shape => shapeMarkup(shape, tracks[index]!.colour, opacities[index]))
      .join('')
  )
  const box = [-wide / 2, -height / 2, wide, height].map(number).join(' ')
  const fill = (top: number, colour: string): string =>
    `<rect x="${number(-wide / 2)}" y="${number(top)}" width="${number(wide)}" height="${number(height)}" fill="${colour}"/>`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="${box}">`,
    fill(-height / 2, colours.sky),
    ground === null ? '' : fill(ground, colours.ground),
    // What all have in common stands once.
    ...new Set(still),
    // The first lies on top.
    ...robots.reverse(),
    '</svg>'
  ].join('')
}
