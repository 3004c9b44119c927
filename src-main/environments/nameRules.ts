/** What the names of other libraries stand for here: an id with the reason for that variant, or why there is none. */
export type Meaning =
  | { readonly id: string; readonly because: string; readonly choices: readonly string[] }
  | { readonly id: null; readonly reason: string; readonly choices: readonly string[] }

interface NameRule {
  /** Matched against the whole name in lower case, as `namespace/name-v0`. */
  readonly pattern: RegExp
  /** @param parts the pattern's groups */
  readonly meaning: (...parts: (string | undefined)[]) => Meaning
}

/** @param choices all variants of it, for people who know better */
const is = (id: string, because: string, choices: readonly string[] = [id]): Meaning => ({
  ...{ id, because, choices }
})
/** @param choices ids that come near, for people to choose from */
const not = (reason: string, choices: readonly string[] = []): Meaning => ({ id: null, reason, choices })
const pattern = (text: string) => new RegExp(`^(?:.*/)?${text}$`)
const robots = '(halfcheetah|hopper|walker2d|ant)'

const variantTexts = {
  v2: 'MuJoCo before 2.1.2, which approximated the inertia of capsules, and actions clipped to their bounds first',
  v4: 'exact inertia, and control costs of the action as it was given',
  v5: "exact inertia, and Gymnasium's latest observations and rewards"
} as const

/** Gymnasium's own names: the version is the variant. */
function registeredRobot(robot = '', version = ''): Meaning {
  if (version === '2' || version === '4' || version === '5')
    return is(
      `${robot}-v${version}`,
      `its version is the variant: ${variantTexts[`v${version}`]}`,
      variantsOf(robot)
    )
  if (version === '3')
    return is(
      `${robot}-v2`,
      'gym v3 differs from v2 in what can be configured, not in how it moves or what it pays',
      variantsOf(robot)
    )
  return not(
    'only versions 2, 4 and 5 of this robot are simulated; choose one by hand if that is acceptable',
    variantsOf(robot)
  )
}

const variantsOf = (robot: string): readonly string[] =>
  ['v2', 'v4', 'v5'].map(version => `${robot}-${version}`)

/** D4RL's words for the quality of data. */
const qualities = /^(random|medium|expert|mixed|(medium|full)-replay|(medium|random)-expert)$/

/** A data set's name in D4RL's manner; other makers use it with later versions of the robot. */
function robotData(robot = '', quality = '', version?: string): Meaning {
  if (version === '4' || version === '5')
    return is(
      `${robot}-v${version}`,
      `the data are named after version ${version} of the robot: ${variantTexts[`v${version}`]}`,
      variantsOf(robot)
    )
  if (version !== undefined && Number(version) > 3)
    return not(`version ${version} of this robot is not known`, variantsOf(robot))
  if (version === undefined && !qualities.test(quality)) return robotWithoutVersion(robot)
  return is(`${robot}-v2`, `D4RL's robots are those of gym v2: ${variantTexts.v2}`, variantsOf(robot))
}

const robotWithoutVersion = (robot = ''): Meaning =>
  not(`no version is named; choose ${robot}-v2, ${robot}-v4 or ${robot}-v5 by hand`, variantsOf(robot))

const robotRules: readonly NameRule[] = [
  { pattern: pattern(`${robots}-v(\\d+)`), meaning: registeredRobot },
  { pattern: pattern(`mujoco/${robots}/[^/]+`), meaning: robot => minariRobot(robot) },
  { pattern: pattern(`${robots}[-/]([a-z0-9-]+?)(?:-v(\\d+))?`), meaning: robotData },
  { pattern: pattern(robots), meaning: robot => robotWithoutVersion(robot) },
  {
    pattern: pattern('reacher-v4'),
    meaning: () =>
      is('reacher-v4', 'its version is the variant: the reward is paid for the distance before the step')
  },
  {
    pattern: pattern('invertedpendulum-v4'),
    meaning: () =>
      is('inverted-pendulum-v4', 'its version is the variant: the reward is paid on the failing step too')
  },
  {
    pattern: pattern('(reacher|invertedpendulum)-v(\\d+)'),
    meaning: (_robot, version) =>
      not(`version ${version} scores or moves otherwise than v4, which is simulated`)
  }
]

const minariRobot = (robot = ''): Meaning =>
  is(
    `${robot}-v5`,
    `Minari's mujoco data sets are recorded in Gymnasium v5: ${variantTexts.v5}`,
    variantsOf(robot)
  )

const steps: Readonly<Record<string, readonly [version: string, former: string]>> = {
  open: ['0', ''],
  umaze: ['1', '150 steps, v1 after 300'],
  medium: ['1', '250 steps, v1 after 600'],
  large: ['1', '600 steps, v1 after 800']
}

function maze2dName(maze = '', dense?: string, sparse?: string, version?: string): Meaning {
  const [known, former] = steps[maze]
  const id = `maze2d-${maze}${dense ?? ''}`
  const strict = maze2dStrictId(maze, dense)
  // D4RL's files of v0 are called `maze2d-umaze-sparse`
  const meant = version ?? (sparse === undefined ? known : '0')
  if (meant === known)
    return is(
      id,
      `D4RL's point mass with ${dense === undefined ? 'sparse' : 'dense'} rewards; walls without MuJoCo's soft contacts, for which ${strict} can be chosen`,
      [id, strict]
    )
  return meant === '0'
    ? not(`${id}-v0 ends after ${former}; choose the environment by hand if that is acceptable`, [id, strict])
    : not(`version ${meant} of this maze is not known`, [id, strict])
}

const maze2dStrictId = (maze: string, dense = ''): string => `maze2d-${maze}-strict${dense}`

function antMazeName(maze = '', _data?: string, version?: string): Meaning {
  const goals =
    version === '0' || version === '1'
      ? `its goal is drawn anew in every episode as in v2, where v${version} draws it once a seed`
      : 'its goal is drawn anew in every episode'
  return is(`antmaze-${maze}`, `D4RL's own ant in this maze; ${goals}`)
}

const otherFrame =
  "has another frame than D4RL's maze2d: the maze is centred, x runs along columns, y is flipped and goals vary; it is not simulated"

const mazeRules: readonly NameRule[] = [
  {
    pattern: pattern('(?:maze2d|antmaze)-eval-.*'),
    meaning: () => not("D4RL's evaluation mazes have other walls and are not simulated")
  },
  {
    pattern: pattern('maze2d-(open|umaze|medium|large)(-dense)?(-sparse)?(?:-v(\\d+))?'),
    meaning: maze2dName
  },
  {
    pattern: pattern('antmaze-(umaze|medium|large)(?:-(diverse|play))?(?:-v([012]))?'),
    meaning: antMazeName
  },
  { pattern: pattern('pointmaze_.*'), meaning: () => not(`Gymnasium-Robotics' PointMaze ${otherFrame}`) },
  {
    pattern: /^d4rl\/pointmaze\//,
    meaning: () => not(`Minari recorded it in Gymnasium-Robotics' PointMaze, which ${otherFrame}`)
  },
  {
    pattern: /^(.*\/)?antmaze_|^d4rl\/antmaze\//,
    meaning: () =>
      not("Gymnasium-Robotics' AntMaze has another ant and another frame than D4RL's; it is not simulated")
  }
]

/** Registered names of other libraries whose dynamics, rewards and horizon are exactly ours. */
const controlRules: readonly NameRule[] = [
  {
    pattern: pattern('pendulum-v1'),
    meaning: () => is('pendulum', 'its dynamics, rewards and horizon are the same')
  },
  {
    pattern: pattern('cartpole-v1'),
    meaning: () => is('cartpole', 'its dynamics, rewards and horizon are the same')
  },
  {
    pattern: pattern('mountaincarcontinuous-v0'),
    meaning: () => is('mountaincar-continuous', 'its dynamics, rewards and horizon are the same')
  },
  {
    pattern: pattern('pendulum-v0'),
    meaning: () =>
      not(
        'Pendulum-v0 integrates in another order than Pendulum-v1; choose the environment by hand if that is acceptable',
        ['pendulum']
      )
  },
  {
    pattern: pattern('cartpole-v0'),
    meaning: () =>
      not(
        'CartPole-v0 ends after 200 steps, CartPole-v1 after 500; choose the environment by hand if that is acceptable',
        ['cartpole']
      )
  },
  {
    pattern: pattern('mountaincar-v0'),
    meaning: () => not('MountainCar-v0 has discrete actions; only MountainCarContinuous-v0 is simulated')
  },
  { pattern: pattern('acrobot-v1'), meaning: () => not('Acrobot-v1 is not simulated') }
]

/** Kinds of tasks that are not simulated at all, by any part of a name. */
const otherRules: readonly NameRule[] = (
  [
    ['bullet-.*', "PyBullet's robots and mazes move otherwise than MuJoCo's and are not simulated"],
    [
      'halfcheetah|hopper|walker2d|ant|humanoid(?:standup)?|swimmer|reacher|pusher|inverted(?:double)?pendulum',
      'this MuJoCo robot is not simulated'
    ],
    ['maze2d|pointmaze|antmaze', 'this maze is not simulated'],
    ['pen|hammer|door|relocate|adroit\\w*|kitchen|frankakitchen', 'manipulation tasks are not simulated'],
    ['minigrid|babyai', 'MiniGrid is not simulated'],
    ['ale|[^/]*noframeskip|[^/]*deterministic', 'Atari games are not simulated']
  ] as const
).map(([names, reason]) => ({
  pattern: new RegExp(`(?:^|/)(?:${names})(?:[-_/]|$)`),
  meaning: () => not(reason)
}))

/** In order: the first that matches decides. */
export const nameRules: readonly NameRule[] = [...robotRules, ...mazeRules, ...controlRules, ...otherRules]
