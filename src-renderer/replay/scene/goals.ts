import type { EpisodeGoal } from '../../../src-preload/contract/evaluations.ts'
import type { SceneDescription } from '../../../src-preload/contract/scene.ts'

type Geom = SceneDescription['geoms'][number]

/** A scene as an episode with a goal of its own had it: the world's mark, a ball sunk by half its radius, stands there. */
export function withGoal(scene: SceneDescription, goal: EpisodeGoal | null | undefined): SceneDescription {
  if (!goal) return scene
  const { x, y, radius } = goal
  const move = (geom: Geom): Geom =>
    geom.body < 0 && geom.role === 'goal'
      ? { ...geom, position: [x, y, -radius / 2], size: [radius, geom.size[1], geom.size[2]] }
      : geom
  return { ...scene, geoms: scene.geoms.map(move) }
}
