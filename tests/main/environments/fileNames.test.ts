import { describe, expect, it } from 'vitest'
import { taskOfFileName } from '../../../src-main/environments/fileNames.ts'
import { environmentForName } from '../../../src-main/environments/index.ts'

describe('taskOfFileName', () => {
  it.each([
    ['hopper_medium_replay-v2.hdf5', 'hopper-medium-replay-v2', 'hopper-v2'],
    ['halfcheetah_medium.hdf5', 'halfcheetah-medium', 'halfcheetah-v2'],
    ['walker_mixed.hdf5', 'walker2d-mixed', 'walker2d-v2'],
    ['cs285-ant-expert-v4.hdf5', 'ant-expert-v4', 'ant-v4'],
    ['maze2d-umaze-sparse-v1.hdf5', 'maze2d-umaze-sparse-v1', 'maze2d-umaze'],
    ['maze2d-large-dense-v1.hdf5', 'maze2d-large-dense-v1', 'maze2d-large-dense'],
    ['maze2d-open-sparse.hdf5', 'maze2d-open-sparse', 'maze2d-open'],
    [
      'Ant_maze_u-maze_noisy_multistart_False_multigoal_False_sparse_fixed.hdf5',
      'antmaze-umaze-v2',
      'antmaze-umaze'
    ],
    [
      'Ant_maze_big-maze_noisy_multistart_True_multigoal_False_sparse_fixed.hdf5',
      'antmaze-medium-play-v2',
      'antmaze-medium'
    ],
    [
      'Ant_maze_hardest-maze_noisy_multistart_True_multigoal_True_sparse.hdf5',
      'antmaze-large-diverse',
      'antmaze-large'
    ]
  ])('reads %s as %s', (file, task, id) => {
    expect(taskOfFileName(file)).toBe(task)
    expect(environmentForName(task).environment?.id).toBe(id)
  })

  it.each([
    ['bullet-hopper_medium.hdf5', 'bullet-hopper-medium', 'PyBullet'],
    ['maze2d-umaze-sparse.hdf5', 'maze2d-umaze-sparse', '150 steps'],
    ['maze2d-medium-dense.hdf5', 'maze2d-medium-dense-v0', '250 steps'],
    [
      'Ant_maze_medium_eval_noisy_multistart_True_multigoal_True_sparse.hdf5',
      'antmaze-eval-medium-diverse',
      'other walls'
    ],
    ['my hopper run.csv', 'hopper', 'choose hopper-v2']
  ])('reads %s as %s, which is not taken for an environment', (file, task, reason) => {
    expect(taskOfFileName(file)).toBe(task)
    expect(environmentForName(task).reason).toContain(reason)
  })

  it.each(['advantage.csv', 'important-data.csv', 'penguins.csv', 'outdoor.csv', 'pendulum.csv'])(
    'sees no task in %s',
    file => {
      expect(taskOfFileName(file)).toBeNull()
    }
  )
})
