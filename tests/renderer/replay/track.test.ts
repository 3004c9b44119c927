import { expect, test } from 'vitest'
import { encodeColumn } from '../../../src-preload/contract/values.ts'
import { axisOf, clockAt, stepOf } from '../../../src-renderer/replay/axis.ts'
import { columnsFor } from '../../../src-renderer/replay/layout.ts'
import { endMarks, partingMarks } from '../../../src-renderer/replay/marks.ts'
import { comparedOn, partingOf, partingsOf, toleranceText } from '../../../src-renderer/replay/parting.ts'
import { dimensionStrips, valueStrips } from '../../../src-renderer/replay/strips.ts'
import { trackOfEpisode } from '../../../src-renderer/replay/track.ts'
import { track } from './support.ts'

const onObservations = { on: 'observations', amount: 0.05 } as const
const onPositions = { on: 'positions', amount: 0.05 } as const
const frame = (length: number) => ({ axis: axisOf('step', length, null), seams: [], range: null })

test('a rollout becomes a track with one observation and one position more than steps', () => {
  const decoded = track([0, 1, 2], { positions: [0, 0.5, 1] })
  expect(decoded.length).toBe(2)
  expect([...decoded.observations]).toEqual([0, 0, 1, 0, 2, 0])
  expect([...(decoded.positions ?? [])]).toEqual([0, 0.5, 1])
  expect(decoded.positionSize).toBe(1)
})

test('an episode of a dataset becomes a track without values', () => {
  const decoded = trackOfEpisode(
    {
      index: 3,
      observations: encodeColumn(new Float32Array(6), [3, 2]),
      actions: encodeColumn(Int32Array.from([1, 0]), [2]),
      rewards: encodeColumn(Float32Array.from([1, 2])),
      endReason: 'truncated',
      return: 3,
      positions: encodeColumn(Float64Array.from([0, 1, 2, 3, 4, 5]), [3, 2]),
      positionsFrom: 'recorded'
    },
    { id: 'e', name: 'e', colour: '#123' }
  )
  expect(decoded).toMatchObject({
    length: 2,
    actionSize: 1,
    observationSize: 2,
    outcome: 'time',
    return: 3,
    positionSize: 2,
    q: null
  })
})

test('two tracks of one start part at the first step that differs by five percent of the range', () => {
  expect(partingOf(track([0, 1, 2, 3]), track([0, 1, 2.01, 9]), onObservations)).toEqual({
    kind: 'same start',
    step: 3
  })
  expect(partingOf(track([0, 1]), track([0, 1]), onObservations)).toEqual({ kind: 'same start', step: null })
})

test('robots part by metres and radians of their positions, whatever their observations do', () => {
  const first = track([0, 1, 2, 3], { positions: [0, 0.1, 0.2, 0.3] })
  const other = track([0, 1, 2, 9], { positions: [0, 0.1, 0.24, 0.36] })
  expect(comparedOn([first, other])).toBe('positions')
  expect(comparedOn([first, track([0, 1])])).toBe('observations')
  expect(partingOf(first, other, onPositions)).toEqual({ kind: 'same start', step: 3 })
  expect(partingOf(first, other, { on: 'positions', amount: 0.01 })).toEqual({ kind: 'same start', step: 2 })
  expect(toleranceText(onPositions)).toBe('0.05 m or rad')
})

test('a different start is said instead of a parting', () => {
  expect(partingOf(track([0, 1, 2]), track([0.5, 1, 2]), onObservations)).toEqual({
    kind: 'other start',
    gap: 0.5
  })
  // Positions alone do not make a start: velocities are in the observations.
  const parting = partingOf(
    track([0, 1], { positions: [0, 1] }),
    track([2, 1], { positions: [0, 1] }),
    onPositions
  )
  expect(parting).toEqual({ kind: 'other start', gap: 2 })
})

test('a state that is not a number parts two tracks', () => {
  expect(partingOf(track([0, 1, 2]), track([0, NaN, 2]), onObservations)).toEqual({
    kind: 'same start',
    step: 1
  })
})

test('under progress every track ends at the end, and marks stand where the parting track is', () => {
  const [long, short] = [track([0, 1, 2, 3, 4], {}, 'long'), track([0, 1, 9], {}, 'short')]
  const steps = axisOf('step', 4, null)
  const progress = axisOf('progress', 4, 0.05)
  expect([stepOf(steps, 3, long), stepOf(steps, 3, short)]).toEqual([3, 2])
  expect([stepOf(progress, 3, long), stepOf(progress, 3, short)]).toEqual([3, 1.5])
  const partings = partingsOf([long, short], onObservations)
  expect(partingMarks([long, short], partings, steps).map(mark => mark.at)).toEqual([2])
  expect(partingMarks([long, short], partings, progress).map(mark => mark.at)).toEqual([4])
  expect(clockAt(progress, stepOf(progress, 3, short), short)).toBe(3)
  expect(endMarks([long, short], steps)).toMatchObject([{ id: 'short', at: 2 }])
  expect(endMarks([long, short], progress)).toEqual([])
})

test('the axis counts steps, the robot’s seconds, or percent', () => {
  expect(axisOf('time', 100, 0.05)).toMatchObject({ unit: 0.05, format: 'clock' })
  expect(axisOf('time', 100, null)).toMatchObject({ unit: 1, mode: 'step' })
  const strips = (axis: ReturnType<typeof axisOf>) =>
    valueStrips([track([0, 1, 2]), track([0, 1, 2, 3, 4])], { axis, seams: [], range: null })[0]?.spec
  expect(strips(axisOf('time', 4, 0.5))).toMatchObject({ xName: 'time', xRange: [0, 2] })
  expect(strips(axisOf('progress', 4, 0.5))?.lines.map(line => [...line.x])).toEqual([
    [0, 50],
    [0, 25, 50, 75]
  ])
})

test('strips show Q, V and advantage only for methods that have them', () => {
  const titles = (tracks: ReturnType<typeof track>[]) => valueStrips(tracks, frame(3)).map(strip => strip.id)
  expect(titles([track([0, 1, 2])])).toEqual(['reward', 'return'])
  expect(titles([track([0, 1, 2]), track([0, 1, 2], { q: [0.5, 0.7] }, 'u')])).toEqual([
    'reward',
    'return',
    'q',
    'v',
    'advantage'
  ])
  expect([...(valueStrips([track([0, 1, 2, 3])], frame(3))[1]?.spec.lines[0]?.y ?? [])]).toEqual([0, 1, 3])
})

test('a reward that is not finite is marked in its strip', () => {
  const [reward] = valueStrips([track([0, 1, 2, 3], { rewards: [1, Infinity, 1] })], frame(3))
  expect([...(reward?.spec.lines[0]?.nonFinite?.x ?? [])]).toEqual([1])
})

test('every dimension of the actions has a strip with its name', () => {
  expect(dimensionStrips([track([0, 1])], 'actions', ['bthigh'], frame(1)).map(strip => strip.title)).toEqual(
    ['bthigh', 'action 1']
  )
})

test('pictures stand in as many columns as give each the most room', () => {
  expect(columnsFor(6, 1200, 300, 1)).toBe(6)
  expect(columnsFor(6, 600, 600, 1)).toBe(3)
  expect(columnsFor(2, 300, 900, 1)).toBe(1)
})
