/** D4RL names its AntMaze files otherwise than their data sets. */
const antMazeFile =
  /ant-maze-(u-?maze|big-maze|medium|hardest-maze|large)(-eval)?-noisy-multistart-(?:true|false)-multigoal-(true|false)-sparse(-fixed)?/

const antMazes: Readonly<Record<string, string>> = {
  'u-maze': 'umaze',
  'big-maze': 'medium',
  'hardest-maze': 'large'
}

const taskName =
  /(?<![a-z0-9])(?:bullet-)?(?:halfcheetah|hopper|walker2d|antmaze|ant|maze2d|pen|hammer|door|relocate)(?![a-z0-9])(?:-[a-z0-9-]+)?/

function antMazeName(name: string): string | null {
  const match = antMazeFile.exec(name)
  if (match === null) return null
  const [, called, evaluation, goals, fixed] = match
  const maze = antMazes[called] ?? called
  const several = goals === 'true' ? '-diverse' : maze === 'umaze' ? '' : '-play'
  return `antmaze-${evaluation === undefined ? '' : 'eval-'}${maze}${several}${fixed === undefined ? '' : '-v2'}`
}

/** D4RL's files of version 1 carry it in their name, `maze2d-umaze-dense-v1.hdf5`; those of version 0 carry none. */
const formerMaze = (task: string | null): string | null =>
  task !== null && /^maze2d-(umaze|medium|large)-dense$/.test(task) ? `${task}-v0` : task

/**
 * The task that a file's own name holds, in D4RL's spelling: `hopper_medium_replay-v2.hdf5`, `cs285-ant-expert-v4.hdf5`,
 * `Ant_maze_big-maze_noisy_multistart_True_multigoal_False_sparse.hdf5`.
 * @returns such as `hopper-medium-replay-v2`; null when it holds none
 */
export function taskOfFileName(fileName: string): string | null {
  const name = fileName.toLowerCase().replaceAll('_', '-').replace('walker-mixed', 'walker2d-mixed')
  return antMazeName(name) ?? formerMaze(taskName.exec(name)?.[0] ?? null)
}
