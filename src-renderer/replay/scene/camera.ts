import type { SceneDescription } from '../../../src-preload/contract/scene.ts'
import { poseSize } from './kinematics.ts'

type Place = readonly [number, number, number]

/** A camera as a function of the poses alone, so that an exported film equals what was seen. */
export interface CameraPose {
  readonly eye: Place
  readonly target: Place
  /** Vertical field of view in degrees. */
  readonly fieldOfView: number
  /** Metres from the bottom to the top of the picture at the target. */
  readonly height: number
}

/** What a person turned and zoomed: angles in radians about the target, and a factor on the distance. */
export interface CameraTurn {
  readonly yaw: number
  readonly pitch: number
  readonly zoom: number
  /** Place of the robot, among those of a picture, that the camera stays with and close to; all are held without. */
  readonly follow?: number | null
}

export const noTurn: CameraTurn = { yaw: 0, pitch: 0, zoom: 1 }

const fieldOfView = 30
/** Yaw from -y, and height above the horizon. */
const views: Readonly<Record<SceneDescription['camera']['view'], readonly [yaw: number, pitch: number]>> = {
  side: [0, 0.14],
  above: [0, 1.5],
  free: [0.7, 0.5]
}
/** Metres that a picture close to one robot of a large scene shows. */
const closeSpan = 8
const quarter = Math.PI / 2 - 0.01

/** Middle of the world's walls, or the origin. */
function sceneCentre(scene: SceneDescription): Place {
  const walls = scene.geoms.filter(geom => geom.role === 'wall')
  if (walls.length === 0) return [0, 0, 0]
  const middle = (axis: 0 | 1): number => {
    const all = walls.map(geom => geom.position[axis])
    return (Math.min(...all) + Math.max(...all)) / 2
  }
  return [middle(0), middle(1), 0]
}

/** The scene as a camera close to a robot takes it: one that shows a whole maze goes down to who runs through it. */
function closeTo(scene: SceneDescription): SceneDescription {
  if (scene.camera.follow !== null) return scene
  const body = scene.geoms.find(geom => geom.role === 'robot')?.body ?? null
  return { ...scene, camera: { ...scene.camera, follow: body, span: Math.min(scene.camera.span, closeSpan) } }
}

/** Where the camera looks: along with the followed body in the plane, at a height that does not bob. */
function targetOf(scene: SceneDescription, poses: Float64Array): Place {
  const { follow, view, span } = scene.camera
  if (follow === null) return sceneCentre(scene)
  const [x, y] = [poses[follow * poseSize] ?? 0, poses[follow * poseSize + 1] ?? 0]
  return [x, view === 'side' ? 0 : y, view === 'side' ? span * 0.32 : span * 0.12]
}

/** @param back factor on the distance from which a robot fills the picture */
function poseAt(scene: SceneDescription, target: Place, turn: CameraTurn, back: number): CameraPose {
  const [yaw, pitch] = views[scene.camera.view]
  const height = scene.camera.span * turn.zoom * back
  const distance = height / 2 / Math.tan((fieldOfView * Math.PI) / 360)
  const up = Math.max(0.02, Math.min(quarter, pitch + turn.pitch))
  const around = yaw + turn.yaw
  return {
    eye: [
      target[0] + distance * Math.cos(up) * Math.sin(around),
      target[1] - distance * Math.cos(up) * Math.cos(around),
      target[2] + distance * Math.sin(up)
    ],
    target,
    fieldOfView,
    height
  }
}

/** The camera of one robot's picture. @param poses [bodies, 7] of the track that it follows */
export const cameraOf = (
  scene: SceneDescription,
  poses: Float64Array,
  turn: CameraTurn = noTurn
): CameraPose => poseAt(scene, targetOf(scene, poses), turn, 1)

/** A robot among others in one picture. */
export interface Seen {
  /** [bodies, 7] */
  readonly poses: Float64Array
  /** Fractional step that is shown. */
  readonly step: number
  /** Steps of its episode. */
  readonly length: number
}

/** Whether its episode goes on. */
export const goesOn = ({ step, length }: Pick<Seen, 'step' | 'length'>): boolean => step < length

/** False for a robot whose simulation exploded: it is nowhere, and must not take the camera with it. */
const isSomewhere = ({ poses }: Seen): boolean => poses.every(Number.isFinite)

/** Who a camera never loses: the first that still runs; when all have ended, who ended last. */
const leaderOf = (robots: readonly [Seen, ...Seen[]]): Seen =>
  robots.find(goesOn) ?? robots.reduce((last, robot) => (robot.length > last.length ? robot : last))

/** How many times the usual distance the camera may step back. */
const mostBack = 4
/** Share of half a picture that robots may stand from its middle. */
const usedShare = 0.75

/**
 * The camera of several robots in one picture: it holds all that still run, and steps back for them as far as four times the usual
 * distance. Who is further from the first of them, or has ended, is left behind. A turn that follows one robot shows that one alone.
 * @param aspect width over height of the picture
 */
export function cameraOfAll(
  scene: SceneDescription,
  robots: readonly [Seen, ...Seen[]],
  aspect: number,
  turn: CameraTurn = noTurn
): CameraPose {
  const followed = typeof turn.follow === 'number' ? (robots[turn.follow] ?? robots[0]) : null
  if (followed !== null && isSomewhere(followed)) return cameraOf(closeTo(scene), followed.poses, turn)
  const [first, ...others] = robots.filter(isSomewhere)
  if (first === undefined) return poseAt(scene, sceneCentre(scene), turn, 1)
  const leader = leaderOf([first, ...others])
  const own = targetOf(scene, leader.poses)
  const held = [first, ...others].filter(robot => robot === leader || goesOn(robot))
  const places = held.map(({ poses }) => targetOf(scene, poses))
  const middle = (axis: 0 | 1): number => {
    const all = places.map(place => place[axis])
    return (Math.min(...all) + Math.max(...all)) / 2
  }
  const [x, y] = [middle(0), middle(1)]
  const spread = Math.max(...places.map(place => Math.hypot(place[0] - x, place[1] - y)))
  const room = (scene.camera.span / 2) * usedShare * (scene.camera.view === 'side' ? aspect : 1)
  const share = Math.min(1, (mostBack * room) / Math.max(spread, 1e-9))
  const target: Place = [own[0] + share * (x - own[0]), own[1] + share * (y - own[1]), own[2]]
  return poseAt(scene, target, turn, Math.min(mostBack, Math.max(1, spread / room)))
}
