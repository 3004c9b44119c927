import { describe, expect, it } from 'vitest'
import { d4rlReference } from '../../../src-main/environments/d4rlReferences.ts'

describe('d4rlReference', () => {
  it.each([
    ['hopper-medium-v2', -20.272305, 3234.3],
    ['halfcheetah-medium-expert-v0', -280.178953, 12135],
    ['Walker2d-v2', 1.629008, 4592.3],
    ['ant-random-v2', -325.6, 3879.7],
    ['antmaze-umaze-diverse-v2', 0, 1],
    ['maze2d-umaze-dense-v1', 68.537689, 193.66285642381482],
    ['maze2d-large-v1', 6.7, 273.99],
    ['pen-human-v1', 96.262799, 3076.8331017826877],
    ['kitchen-mixed-v0', 0, 4],
    ['maze2d-medium', 13.13, 277.39],
    ['maze2d-eval-large-dense-v1', 56.95455, 326.09647655082637],
    ['maze2d-eval-medium-sparse-v1', 13.07, 204.93],
    ['carla-town-full-v0', -114.81579500772153, 2440.1772022247314],
    ['flow-ring-random-v0', -165.22, 24.42],
    ['carla-lane-v0', -0.8503839912088142, 1023.5784385429523],
    ['bullet-hopper-medium-v0', 20.058972, 1441.8059623430963],
    ['pen', 96.262799, 3076.8331017826877]
  ])('knows %s', (name, low, high) => {
    const reference = d4rlReference(name)
    expect([reference?.low, reference?.high]).toEqual([low, high])
    expect(reference?.source).toContain('D4RL')
  })

  it.each([
    'Hopper-v4',
    'hopper-medium-v5',
    'Pendulum-v1',
    'cs285-ant-expert-v4',
    // its horizon is another than that of the maze that is simulated
    'maze2d-umaze-v0',
    'penguin',
    'hoppers'
  ])('knows nothing of %s', name => {
    expect(d4rlReference(name)).toBeNull()
  })
})
