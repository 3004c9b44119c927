/** Tasks that files name and whose bounds, horizon or reference scores are published; not all of them can be simulated here. */
import type { ScoreReference } from '../../../src-preload/contract/datasets.ts'
import { d4rlReference } from '../../environments/d4rlReferences.ts'
import { environments } from '../../environments/index.ts'
import { resolveName } from '../../environments/names.ts'
import type { Environment } from '../../environments/environment.ts'

export interface KnownTask {
  readonly environment: Environment | null
  /** Bounds of every action component; null when the task does not fix them. */
  readonly actionBound: number | null
  readonly horizon: number | null
  readonly scoreReference: ScoreReference | null
  readonly caveats: readonly string[]
}

/**
 * Time limits as D4RL registers its tasks, in steps; the first pattern that matches decides. Version 0 of the point mazes, whose
 * files are called `maze2d-umaze-sparse`, ends sooner than version 1.
 * @see https://github.com/Farama-Foundation/D4RL: the `register` calls in `d4rl/<group>/__init__.py`
 */
const horizons: readonly (readonly [RegExp, number])[] = [
  [/^(bullet-)?(halfcheetah|hopper|walker2d|ant)(-|$)/, 1000],
  [/^antmaze[-_](eval-)?umaze/, 700],
  [/^antmaze[-_]/, 1000],
  [/^(bullet-)?maze2d-open/, 150],
  [/^maze2d-umaze(-sparse$|(-dense)?-v0$)/, 150],
  [/^maze2d-medium(-sparse$|(-dense)?-v0$)/, 250],
  [/^maze2d-large(-sparse$|(-dense)?-v0$)/, 600],
  [/^(bullet-)?maze2d-(eval-)?umaze/, 300],
  [/^(bullet-)?maze2d-(eval-)?medium/, 600],
  [/^(bullet-)?maze2d-(eval-)?large/, 800],
  [/^pen-human-longhorizon/, 200],
  [/^door-human-longhorizon/, 300],
  [/^relocate-human-longhorizon/, 500],
  [/^hammer-human-longhorizon/, 600],
  [/^pen(-|$)/, 100],
  [/^(hammer|door|relocate)(-|$)/, 200],
  [/^kitchen-/, 280],
  [/^minigrid-fourrooms/, 50],
  [/^flow-ring/, 500],
  [/^flow-merge/, 750],
  [/^carla-lane/, 250],
  [/^carla-town/, 1000]
]

const mazeCaveats = [
  'D4RL maze2d: timeouts mark a new goal, not the time limit, and rewards are recorded one step late'
]

/** What is known of a task by the name a file gives it, such as `Hopper-v4`, `hopper-medium-v2` or `Pendulum-v1`. */
export function knownTask(name: string | null): KnownTask {
  const base = (name ?? '').toLowerCase().split('/').at(-1) ?? ''
  const { environment } = name === null ? { environment: null } : resolveName(name, environments)
  const bounded =
    /^(halfcheetah|hopper|walker2d|ant|antmaze|maze2d|pen|hammer|door|relocate|kitchen|carla)(-|$)/.test(base)
  return {
    environment,
    actionBound: bounded ? 1 : null,
    horizon: environment?.maxSteps ?? horizons.find(([pattern]) => pattern.test(base))?.[1] ?? null,
    scoreReference: environment?.info.scoreReference ?? d4rlReference(base),
    caveats: base.startsWith('maze2d') ? mazeCaveats : []
  }
}

export { taskOfFileName as taskInFileName } from '../../environments/fileNames.ts'
