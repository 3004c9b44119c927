import { describe, expect, test } from 'vitest'
import type { EnvironmentInfo } from '../../../../src-preload/contract/algorithms.ts'
import { drawOn, svgOf, type DrawnShape } from '../../../../src-renderer/replay/scene/film/drawing.ts'
import { mapColours } from '../../../../src-renderer/replay/scene/film/mapColours.ts'
import { mapPicture, type MapFilm } from '../../../../src-renderer/replay/scene/film/mapPicture.ts'
import { shapesUnder } from '../../../../src-renderer/replay/mapShapes.ts'
import type { Track } from '../../../../src-renderer/replay/track.ts'
import { track } from '../support.ts'

const size = { width: 640, height: 360 }
const shape = (kind: 'block' | 'goal', x: number, text = '') => ({ kind, text, x, y: 0, width: 2, height: 2 })
const map: NonNullable<EnvironmentInfo['map']> = {
  ...{ x: 0, y: 1, xRange: [-5, 5], yRange: [-5, 5] },
  shapes: [shape('block', -4), shape('goal', 4, 'G')]
}
const film = (tracks: readonly Track[], changes: Partial<MapFilm> = {}): MapFilm => ({
  ...{ kind: 'map', map, tracks, layout: 'ghosts', colours: mapColours(false) },
  stepsAt: at => tracks.map(({ length }) => Math.min(at, length)),
  clockText: at => `step ${at}`,
  ...changes
})
const walk = (id: string, colour: string, more: Partial<Track> = {}): Track => ({
  ...track([0, 1, 2, 3], {}, id),
  ...{ colour, ...more }
})
const flat = (shapes: readonly DrawnShape[]): DrawnShape[] =>
  shapes.flatMap(one => (one.kind === 'clip' ? flat(one.shapes) : [one]))
const texts = (shapes: readonly DrawnShape[]): string[] =>
  flat(shapes).flatMap(one => (one.kind === 'text' ? [one.text] : []))

describe('a moment of a map', () => {
  test('shows what stands on it, names, the clock and how far each has come', () => {
    const shapes = mapPicture(
      film([walk('a', '#a00'), walk('b', '#0b0', { length: 1, outcome: 'trap' })]),
      2,
      size
    )
    expect(texts(shapes)).toEqual(['G', 'trap', 'a', 'b (ended)', 'step 2'])
    const lines = flat(shapes).flatMap(one => (one.kind === 'line' ? [one] : []))
    expect(lines.map(({ points, stroke, opacity }) => [points.length / 2, stroke, opacity])).toEqual([
      [4, '#a00', 0.3],
      [4, '#0b0', 0.3],
      [4, '#a00', 1], // three places passed, and where it is
      [3, '#0b0', 0.6]
    ])
    const [, , done] = lines
    const { points } = done!
    expect(points[points.length - 2]! - points[0]!).toBeCloseTo((points[2]! - points[0]!) * 2, 6)
  })

  test('keeps the shape of the map and stays inside the picture, in panes and with many names', () => {
    const many = Array.from({ length: 6 }, (_, i) => walk(`a policy with a long name ${i}`, '#123'))
    for (const layout of ['ghosts', 'side-by-side'] as const) {
      const floors = mapPicture(film(many, { layout }), 0, size).flatMap(one =>
        one.kind === 'clip' ? [one] : []
      )
      expect(floors).toHaveLength(layout === 'ghosts' ? 1 : 6)
      for (const { left, top, width, height } of floors) {
        expect(width / height).toBeCloseTo(1, 6)
        expect(width).toBeGreaterThan(60)
        expect([left >= 0, top >= 0, left + width <= 640, top + height <= 360]).toEqual([
          true,
          true,
          true,
          true
        ])
      }
    }
  })

  test('shows the goal of each episode where they recorded one, in its colour where they differ', () => {
    const goal = { x: 1, y: 2, radius: 0.5 }
    const goals = (...tracks: Pick<Track, 'goal' | 'colour'>[]) =>
      shapesUnder(map.shapes, tracks)
        .filter(({ kind }) => kind === 'goal')
        .map(({ x, y, width, colour }) => [x, y, width, colour])
    const common = [4, 0, 2, undefined]
    expect(goals({ goal: null, colour: 'a' })).toEqual([common])
    expect(goals({ goal, colour: 'a' }, { goal, colour: 'b' })).toEqual([[1, 2, 1, undefined]])
    expect(goals({ goal, colour: 'a' }, { goal: { ...goal, x: 3 }, colour: 'b' })).toEqual([
      [1, 2, 1, 'a'],
      [3, 2, 1, 'b']
    ])
    expect(goals({ goal, colour: 'a' }, { goal: null, colour: 'b' })).toEqual([common, [1, 2, 1, undefined]])
    const own = film([walk('a', '#a00', { goal }), walk('b', '#0b0', { goal: { ...goal, x: 3 } })])
    expect(svgOf(mapPicture(own, 0, size), size)).toMatch(/<ellipse [^>]*stroke="#0b0"/)
  })
})

describe('a picture as SVG', () => {
  test('is whole, equal each time, and holds hostile names as text', () => {
    const tracks = [walk('<script>"&\u0000', '#a00')]
    const text = svgOf(mapPicture(film(tracks), 1, size), size)
    expect(text).toBe(svgOf(mapPicture(film(tracks), 1, size), size))
    const page = new DOMParser().parseFromString(text, 'image/svg+xml')
    expect(page.querySelector('script')).toBeNull()
    expect(page.querySelector('parsererror')).toBeNull()
    expect(text).toContain('&#60;script&#62;')
  })

  test('leaves out what is nowhere', () => {
    const lost = walk('lost', '#a00')
    lost.observations.set([NaN, NaN], 2)
    lost.observations.set([Infinity, 0], 4)
    const text = svgOf(mapPicture(film([lost]), 1.5, size), size)
    expect(text).not.toMatch(/NaN|Infinity/)
    expect(text).toMatch(/<polyline/)
  })

  test('of an episode without steps or a map without extent is drawn all the same', () => {
    const none = { ...walk('none', '#a00'), length: 0, observations: new Float64Array(0) }
    const point: typeof map = { ...map, xRange: [1, 1], yRange: [2, 2] }
    expect(svgOf(mapPicture(film([none]), 0, size), size)).not.toMatch(/NaN|Infinity/)
    expect(svgOf(mapPicture(film([none], { map: point }), 0, size), size)).not.toMatch(/NaN|Infinity/)
  })
})

test('a canvas is given the same shapes, and is left as it was', () => {
  const calls: string[] = []
  const context = new Proxy<Record<string, unknown>>(
    { globalAlpha: 1 },
    {
      get: (all, name: string) =>
        all[name] ?? ((...args: unknown[]) => calls.push(`${name} ${args.join(' ')}`)),
      set: (all, name: string, value) => {
        all[name] = value
        return true
      }
    }
  )
  const lost = walk('a', '#a00')
  lost.observations.set([NaN, NaN], 2)
  drawOn(context as never, mapPicture(film([lost]), 3, size))
  const count = (name: string) => calls.filter(call => call.startsWith(`${name} `)).length
  expect(count('save')).toBe(count('restore'))
  expect(count('clip')).toBe(1)
  expect(calls.filter(call => call.startsWith('fillText'))[0]).toMatch(/^fillText G /)
  expect(calls.join()).not.toMatch(/(lineTo|moveTo|ellipse)[^,]*NaN/)
})
