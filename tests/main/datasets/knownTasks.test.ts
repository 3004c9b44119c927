import { describe, expect, it } from 'vitest'
import type { DynamicsCheck } from '../../../src-preload/contract/datasets.ts'
import { settle } from '../../../src-main/datasets/settle.ts'
import type { Importer, ImportedFile } from '../../../src-main/datasets/importers/importer.ts'
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

  it.each([
    ['hopper-medium-v2', 1000],
    ['antmaze-umaze-diverse-v2', 700],
    ['antmaze-eval-umaze-v0', 700],
    ['antmaze-large-play-v0', 1000],
    ['maze2d-open-v0', 150],
    ['maze2d-umaze-v0', 150],
    ['maze2d-medium-dense-v0', 250],
    ['maze2d-large-v0', 600],
    ['maze2d-umaze-v1', 300],
    ['maze2d-medium-v1', 600],
    ['maze2d-large-dense-v1', 800],
    ['maze2d-eval-umaze-v1', 300],
    ['maze2d-eval-large-dense-v1', 800],
    ['bullet-maze2d-umaze-v0', 300],
    ['bullet-hopper-medium-v0', 1000],
    ['pen-cloned-v1', 100],
    ['pen-human-longhorizon-v0', 200],
    ['door-human-longhorizon-v0', 300],
    ['relocate-human-longhorizon-v0', 500],
    ['hammer-human-longhorizon-v0', 600],
    ['hammer-expert-v1', 200],
    ['kitchen-partial-v0', 280],
    ['minigrid-fourrooms-random-v0', 50],
    ['flow-ring-controller-v0', 500],
    ['flow-merge-random-v0', 750],
    ['carla-lane-v0', 250],
    ['carla-town-full-v0', 1000],
    // D4RL has none of these.
    ['Pendulum-v0', null],
    ['antelope-v0', null]
  ])('has the time limit that D4RL registers: %s, %s steps', (name, steps) => {
    expect(knownTask(name).horizon).toBe(steps)
  })

  it('is version 0 of a maze where its file names no version, as D4RL called them', () => {
    const limit = (file: string) => knownTask(taskInFileName(file))
    expect(limit('maze2d-umaze-sparse.hdf5').horizon).toBe(150)
    expect(limit('maze2d-large-dense.hdf5')).toMatchObject({ horizon: 600, environment: null })
    expect(limit('maze2d-large-dense-v1.hdf5')).toMatchObject({ horizon: 800, actionBound: 1 })
    // Its references were measured over fewer steps than the maze that is simulated.
    expect(limit('maze2d-large-dense.hdf5').scoreReference).toBeNull()
  })

  it('has the measured references where it can be simulated here', () => {
    const { environment, scoreReference } = knownTask('Pendulum-v1')
    expect(scoreReference).toEqual(environment!.info.scoreReference)
  })
})

describe('a task that several environments may stand for', () => {
  const rows = 4
  const file = (environmentName: string): ImportedFile => ({
    columns: {
      observationSize: 11,
      actionSize: 3,
      observations: new Float32Array((rows + 1) * 11),
      actions: new Float32Array(rows * 3),
      rewards: new Float32Array(rows),
      episodes: [
        {
          ...{ firstRow: 0, firstObservation: 0, length: rows, endReason: 'terminated' },
          ...{ hasFinalObservation: true, source: 'test' }
        }
      ]
    },
    fileColumns: [],
    observationNames: [],
    actionNames: [],
    actions: { kind: 'continuous', low: null, high: null },
    environmentName,
    suggestedName: 'test',
    scoreReference: null,
    problems: [],
    questions: [],
    provenance: {}
  })
  const importer = { id: 'test' } as Importer
  const settled = (name: string, answer?: string) =>
    settle(importer, file(name), 'test', answer === undefined ? {} : { environment: answer })

  it('is asked for among its variants, and takes the answer', () => {
    const { questions, problems, description } = settled('hopper')
    expect(questions.find(({ id }) => id === 'environment')?.options.map(({ value }) => value)).toEqual([
      'none',
      'hopper-v2',
      'hopper-v4',
      'hopper-v5'
    ])
    expect(problems.map(({ text }) => text).join()).toContain('choose hopper-v2')
    expect(description.environmentId).toBeNull()
    expect(settled('hopper', 'hopper-v4').description.environmentId).toBe('hopper-v4')
  })

  it('is decided by a name that means a variant, with the reason, unless people know better', () => {
    const { questions, description } = settled('hopper-medium-v2')
    expect(questions).toMatchObject([{ id: 'environment', default: 'hopper-v2' }])
    expect(questions[0].help).toContain('gym v2')
    expect(description.environmentId).toBe('hopper-v2')
    expect(description.observationNames[0]).toBe('height')
    expect(settled('hopper-medium-v2', 'hopper-v5').description.environmentId).toBe('hopper-v5')
    expect(settled('hopper-medium-v2', 'pendulum').description.environmentId).toBe('hopper-v2')
  })

  const check = (fits: string | null): DynamicsCheck => ({
    source: 'observations',
    ...{ rows: 4, compared: 4, skipped: { clipped: 0, withoutNext: 0, nonFinite: 0 } },
    ...{ dimensions: 11, floor: 1e-7, fits, sentence: `dynamics match ${fits}` },
    variants: ['hopper-v2', 'hopper-v4'].map(environmentId => ({
      ...{ environmentId, title: environmentId, median: 1, p90: 1, maximum: 1 },
      ...{ rewardMedian: null, rewardMaximum: null, fits: environmentId === fits }
    }))
  })
  const checked = (name: string, fits: string | null) =>
    settle(importer, file(name), 'test', {}, { dynamics: { check: check(fits), problem: null } })

  it('is proposed as the variant that repeats the recorded steps, against its name', () => {
    const { questions, description, problems } = checked('hopper-medium-v2', 'hopper-v4')
    expect(questions).toMatchObject([{ id: 'environment', default: 'hopper-v4' }])
    expect(description.environmentId).toBe('hopper-v4')
    expect(problems).toMatchObject([{ severity: 'warning' }])
    expect(checked('hopper-medium-v2', 'hopper-v2').problems).toEqual([])
  })

  it('is proposed where the name leaves it open, and stays as named where nothing fits', () => {
    expect(checked('hopper', 'hopper-v4').description.environmentId).toBe('hopper-v4')
    const { description, problems } = checked('hopper-medium-v2', null)
    expect(description.environmentId).toBe('hopper-v2')
    expect(problems.map(({ severity }) => severity)).toEqual(['warning'])
  })
})
