import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import { placeShapes } from '../../../src-renderer/replay/mapShapes.ts'
import MapShapes from '../../../src-renderer/replay/MapShapes.vue'

const shape = (kind: 'block' | 'goal' | 'label', text = '') => ({
  kind,
  text,
  x: 2,
  y: 1,
  width: 2,
  height: 1
})

test('shapes stand upright in a drawing whose y runs downwards', () => {
  const placed = placeShapes(
    [shape('goal', 'G')],
    x => 10 * x,
    y => 100 - 10 * y
  )
  expect(placed).toEqual([{ kind: 'goal', text: 'G', left: 10, top: 85, width: 20, height: 10 }])
})

test('places and words are drawn apart, so that words lie over the paths', () => {
  const shapes = placeShapes(
    [shape('block'), shape('goal', 'G'), shape('label', 'start')],
    x => x,
    y => -y
  )
  const drawn = (part: 'places' | 'words') =>
    mount(MapShapes, { props: { shapes, part, line: 1, fontSize: 12 } })
  expect(
    drawn('places')
      .findAll('rect, ellipse, text')
      .map(({ element }) => element.tagName.toLowerCase())
  ).toEqual(['rect', 'ellipse'])
  expect(
    drawn('words')
      .findAll('text')
      .map(word => word.text())
  ).toEqual(['G', 'start'])
})
