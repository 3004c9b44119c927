import { describe, expect, it } from 'vitest'
import { knownTask, taskInFileName } from '../../../src-main/datasets/importers/knownTasks.ts'

describe('a task that a file names', () => {
  it("has D4RL's references for the dynamics that D4RL measured", () => {
    expect(knownTask('hopper-medium-v2').scoreReference).toMatchObject({ low: -20.272305, high: 3234.3 })
    expect(knownTask(taskInFileName('maze2d-umaze.hdf5')).scoreReference).toMatchObject({ high: 161.86 })
  })

  it('has none for later versions, which move differently, but keeps bounds and horizon', () => {
    expect(knownTask('Hopper-v4')).toMatchObject({ scoreReference: null, actionBound: 1, horizon: 1000 })
    expect(knownTask(taskInFileName('cs285-ant-expert-v4.hdf5')).scoreReference).toBeNull()
  })

  it('has the measured references where it can be simulated here', () => {
    const { environment, scoreReference } = knownTask('Pendulum-v1')
    expect(scoreReference).toEqual(environment!.info.scoreReference)
  })
})
