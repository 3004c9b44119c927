import type { ScoreReference } from '../../src-preload/contract/datasets.ts'

const d4rlSource = 'D4RL (infos.py and its registrations); dynamics of the gym v2 environments'

/**
 * D4RL's references by task, [minimum, maximum]: random and expert returns, the same for every dataset of a task.
 * @see https://github.com/Farama-Foundation/D4RL/blob/master/d4rl/infos.py
 */
const d4rlReferences: readonly (readonly [pattern: RegExp, low: number, high: number])[] = [
  [/^halfcheetah(-|$)/, -280.178953, 12135.0],
  [/^hopper(-|$)/, -20.272305, 3234.3],
  [/^walker2d(-|$)/, 1.629008, 4592.3],
  [/^ant(-|$)/, -325.6, 3879.7],
  [/^antmaze(-|$)/, 0, 1],
  [/^maze2d-umaze-dense(-v1)?$/, 68.537689, 193.66285642381482],
  [/^maze2d-medium-dense(-v1)?$/, 44.264742, 297.4552547777125],
  [/^maze2d-large-dense(-v1)?$/, 30.569041, 303.4857382709002],
  [/^maze2d-umaze(-v1)?$/, 23.85, 161.86],
  [/^maze2d-medium(-v1)?$/, 13.13, 277.39],
  [/^maze2d-large(-v1)?$/, 6.7, 273.99],
  [/^maze2d-open(-v0)?$/, 0.01, 20.66],
  [/^maze2d-open-dense(-v0)?$/, 11.17817, 27.166538620695782],
  [/^maze2d-eval-umaze(-sparse)?-v1$/, 36.63, 141.4],
  [/^maze2d-eval-medium(-sparse)?-v1$/, 13.07, 204.93],
  [/^maze2d-eval-large(-sparse)?-v1$/, 16.4, 302.22],
  [/^maze2d-eval-umaze-dense-v1$/, 56.95455, 178.21373133248397],
  [/^maze2d-eval-medium-dense-v1$/, 42.28578, 235.5658957482388],
  [/^maze2d-eval-large-dense-v1$/, 56.95455, 326.09647655082637],
  [/^pen(-|$)/, 96.262799, 3076.8331017826877],
  [/^hammer(-|$)/, -274.856578, 12794.134825156867],
  [/^door(-|$)/, -56.512833, 2880.5693087298737],
  [/^relocate(-|$)/, -6.425911, 4233.877797728884],
  [/^kitchen(-|$)/, 0, 4],
  [/^minigrid-fourrooms(-|$)/, 0.01442, 2.89685],
  [/^flow-ring(-|$)/, -165.22, 24.42],
  [/^flow-merge(-|$)/, 118.67993, 330.03179],
  [/^carla-lane(-|$)/, -0.8503839912088142, 1023.5784385429523],
  [/^carla-town(-full)?-v0$/, -114.81579500772153, 2440.1772022247314],
  [/^bullet-halfcheetah(-|$)/, -1275.766996, 2381.6725],
  [/^bullet-hopper(-|$)/, 20.058972, 1441.8059623430963],
  [/^bullet-ant(-|$)/, 373.705955, 2650.495],
  [/^bullet-walker2d(-|$)/, 16.523877, 1623.6476303317536],
  [/^bullet-maze2d-open(-|$)/, 8.75, 64.15],
  [/^bullet-maze2d-umaze(-|$)/, 32.46, 153.99],
  [/^bullet-maze2d-medium(-|$)/, 14.87, 238.05],
  [/^bullet-maze2d-large(-|$)/, 1.82, 285.92]
]

/** Gymnasium's v4 and v5 robots move differently from gym v2; D4RL's datasets end at v2. */
const otherDynamics = /-v[3-9]$/

/**
 * D4RL's score references of a dataset name or task, such as `hopper-medium-v2` or `Walker2d-v2`.
 * @returns null for names that D4RL has no reference for, and for later versions with other dynamics
 */
export function d4rlReference(name: string): ScoreReference | null {
  const key = name
    .trim()
    .toLowerCase()
    .replace(/^d4rl[/_-]/, '')
  if (otherDynamics.test(key)) return null
  const entry = d4rlReferences.find(([pattern]) => pattern.test(key))
  return entry === undefined ? null : { low: entry[1], high: entry[2], source: d4rlSource }
}
