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

const horizons: readonly (readonly [RegExp, number])[] = [
  [/^(halfcheetah|hopper|walker2d|ant)(?!maze)/, 1000],
  [/^antmaze-umaze/, 700],
  [/^antmaze/, 1000],
  [/^maze2d-umaze/, 300],
  [/^maze2d-medium/, 600],
  [/^maze2d-large/, 800],
  [/^pen/, 100],
  [/^(hammer|door|relocate)/, 200]
]

const mazeCaveats = [
  'D4RL maze2d: timeouts mark a new goal, not the time limit, and rewards are recorded one step late'
]

/** What is known of a task by the name a file gives it, such as `Hopper-v4`, `hopper-medium-v2` or `Pendulum-v1`. */
export function knownTask(name: string | null): KnownTask {
  const base = (name ?? '').toLowerCase().split('/').at(-1) ?? ''
  const { environment } = name === null ? { environment: null } : resolveName(name, environments)
  const bounded = /^(halfcheetah|hopper|walker2d|ant|antmaze|maze2d|pen|hammer|door|relocate)(-|$)/.test(base)
  return {
    environment,
    actionBound: bounded ? 1 : null,
    horizon: environment?.maxSteps ?? horizons.find(([pattern]) => pattern.test(base))?.[1] ?? null,
    scoreReference: environment?.info.scoreReference ?? d4rlReference(base),
    caveats: base.startsWith('maze2d') ? mazeCaveats : []
  }
}

export { taskOfFileName as taskInFileName } from '../../environments/fileNames.ts'
