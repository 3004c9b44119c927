import type { Environment } from './environment.ts'

/** What a name in a file stands for: an environment, or the reason why it cannot be simulated. */
export type NamedEnvironment =
  | { readonly environment: Environment; readonly reason: null }
  | { readonly environment: null; readonly reason: string }

/** Registered names of other libraries whose dynamics, rewards and horizon are exactly ours. */
const registered: Readonly<Record<string, string>> = {
  'pendulum-v1': 'pendulum',
  'cartpole-v1': 'cartpole',
  'mountaincarcontinuous-v0': 'mountaincar-continuous'
}

/** Other versions of the same tasks, which differ in what is scored. */
const otherVersions: Readonly<Record<string, string>> = {
  'pendulum-v0':
    'Pendulum-v0 integrates in another order than Pendulum-v1; choose the environment by hand if that is acceptable',
  'cartpole-v0':
    'CartPole-v0 ends after 200 steps, CartPole-v1 after 500; choose the environment by hand if that is acceptable',
  'mountaincar-v0': 'MountainCar-v0 has discrete actions; only MountainCarContinuous-v0 is simulated',
  'acrobot-v1': 'Acrobot-v1 is not simulated'
}

const families: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  {
    pattern:
      /^(halfcheetah|hopper|walker2d|ant|humanoid|swimmer|reacher|pusher|inverted(double)?pendulum)([-_]|$)/,
    reason: 'MuJoCo robots are not simulated'
  },
  { pattern: /^(maze2d|pointmaze|antmaze)([-_]|$)/, reason: 'mazes are not simulated' },
  {
    pattern: /^(pen|hammer|door|relocate|adroit\w*|kitchen|frankakitchen)([-_]|$)/,
    reason: 'manipulation tasks are not simulated'
  },
  { pattern: /^(minigrid|babyai)([-_]|$)/, reason: 'MiniGrid is not simulated' },
  { pattern: /^(ale|.*noframeskip|.*deterministic)([-_]|$)/, reason: 'Atari games are not simulated' }
]

/** The last part of `namespace/Name-v1`, lower case. */
function baseName(name: string): string {
  const parts = name.trim().toLowerCase().split('/')
  return parts[parts.length - 1]
}

/**
 * The environment that a file means by a name: our own ids, Gymnasium's registered names (`Pendulum-v1`), Minari's dataset
 * ids and D4RL's names (`hopper-medium-v2`).
 * @param environments those that can be simulated
 * @returns the environment, or null with one sentence that says why there is none
 */
export function resolveName(name: string, environments: readonly Environment[]): NamedEnvironment {
  const own = name.trim().toLowerCase()
  const base = baseName(name)
  const id = registered[base] ?? own
  const environment = environments.find(candidate => candidate.id === id)
  if (environment !== undefined) return { environment, reason: null }
  // Minari's dataset ids put the task first and the quality last: `mujoco/hopper/medium-v0`, `hopper/expert-v4`
  const parts = own.split('/')
  const family = families.find(({ pattern }) => parts.some(part => pattern.test(part)))
  const reason = otherVersions[base] ?? family?.reason ?? 'no environment of this name is known'
  return { environment: null, reason: `${name}: ${reason}` }
}
