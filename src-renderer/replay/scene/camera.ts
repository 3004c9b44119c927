import type { SceneDescription } from '../../../src-preload/contract/scene.ts'
import { poseSize } from './kinematics.ts'

/** A camera as a function of the poses alone, so that an exported film equals what was seen. */
export interface CameraPose {
  readonly eye: readonly [number, number, number]
  readonly target: readonly [number, number, number]
  /** Vertical field of view in degrees. */
  readonly fieldOfView: number
}

/** What a person turned and zoomed: angles in radians about the target, and a factor on the distance. */
export interface CameraTurn {
  readonly yaw: number
  readonly pitch: number
  readonly zoom: number
}

export const noTurn: CameraTurn = { yaw: 0, pitch: 0, zoom: 1 }

const fieldOfView = 30
/** Yaw from -y, and height above the horizon. */
const views: Readonly<Record<SceneDescription['camera']['view'], readonly [yaw: number, pitch: number]>> = {
  side: [0, 0.14],
  above: [0, 1.5],
  free: [0.7, 0.5]
}
const quarter = Math.PI / 2 - 0.01

/** Middle of the world's walls, or the origin. */
function sceneCentre(scene: SceneDescription): readonly [number, number, number] {
  const walls = scene.geoms.filter(geom => geom.role === 'wall')
  if (walls.length === 0) return [0, 0, 0]
  const middle = (axis: 0 | 1): number => {
    const all = walls.map(geom => geom.position[axis])
    return (Math.min(...all) + Math.max(...all)) / 2
  }
  return [middle(0), middle(1), 0]
}

/** Where the camera looks: along with the followed body in the plane, at a height that does not bob. */
function targetOf(scene: SceneDescription, poses: Float64Array): readonly [number, number, number] {
  const { follow, view, span } = scene.camera
  if (follow === null) return sceneCentre(scene)
  const [x, y] = [poses[follow * poseSize] ?? 0, poses[follow * poseSize + 1] ?? 0]
  return [x, view === 'side' ? 0 : y, view === 'side' ? span * 0.32 : span * 0.12]
}

/** The camera of one picture. @param poses [bodies, 7] of the track that it follows */
export function cameraOf(
  scene: SceneDescription,
  poses: Float64Array,
  turn: CameraTurn = noTurn
): CameraPose {
  const [yaw, pitch] = views[scene.camera.view]
  const target = targetOf(scene, poses)
  const distance = (scene.camera.span / 2 / Math.tan((fieldOfView * Math.PI) / 360)) * turn.zoom
  const up = Math.max(0.02, Math.min(quarter, pitch + turn.pitch))
  const around = yaw + turn.yaw
  return {
    eye: [
      target[0] + distance * Math.cos(up) * Math.sin(around),
      target[1] - distance * Math.cos(up) * Math.cos(around),
      target[2] + distance * Math.sin(up)
    ],
    target,
    fieldOfView
  }
}
