/** Tasks that files name and whose bounds, horizon or reference scores are published; not all of them can be simulated here. */
import type { ScoreReference } from '../../../src-preload/contract/datasets.ts'
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

/** d4rl/infos.py: returns of a random and of an expert policy; equal for all datasets and versions of a task. */
const references: Readonly<Record<string, readonly [number, number]>> = {
  halfcheetah: [-280.178953, 12135.0],
  hopper: [-20.272305, 3234.3],
  walker2d: [1.629008, 4592.3],
  ant: [-325.6, 3879.7],
  antmaze: [0, 1],
  'maze2d-umaze-dense': [68.537689, 193.66285642381482],
  'maze2d-umaze': [23.85, 161.86],
  'maze2d-medium-dense': [44.264742, 297.4552547777125],
  'maze2d-medium': [13.13, 277.39],
  'maze2d-large-dense': [30.569041, 303.4857382709002],
  'maze2d-large': [6.7, 273.99],
  pen: [96.262799, 3076.8331017826877],
  hammer: [-274.856578, 12794.134825156867],
  door: [-56.512833, 2880.5693087298737],
  relocate: [-6.425911, 4233.877797728884]
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
  const key = Object.keys(references).find(candidate => new RegExp(`^${candidate}(-|$)`).test(base))
  const bounded = /^(halfcheetah|hopper|walker2d|ant|antmaze|maze2d|pen|hammer|door|relocate)(-|$)/.test(base)
  return {
    environment,
    actionBound: bounded ? 1 : null,
    horizon: environment?.maxSteps ?? horizons.find(([pattern]) => pattern.test(base))?.[1] ?? null,
    scoreReference: environment?.info.scoreReference ?? referenceOf(key),
    caveats: base.startsWith('maze2d') ? mazeCaveats : []
  }
}

function referenceOf(key: string | undefined): ScoreReference | null {
  if (key === undefined) return null
  const [low, high] = references[key]
  return { low, high, source: `D4RL reference scores of ${key}` }
}

/** A task name in a file's own name: `hopper-medium-v2.hdf5`, `cs285-ant-expert-v4.hdf5`. */
export function taskInFileName(fileName: string): string | null {
  const match =
    /(halfcheetah|hopper|walker2d|antmaze|ant|maze2d|pen|hammer|door|relocate)(-[a-z0-9-]+)?/i.exec(fileName)
  return match === null ? null : match[0].toLowerCase()
}
