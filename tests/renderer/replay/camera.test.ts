import { expect, test } from 'vitest'
import { cameraChoices, cameraShown, nextCamera } from '../../../src-renderer/replay/camera.ts'
import { cart } from './scene/support.ts'

const maze = { ...cart, camera: { ...cart.camera, follow: null } }
const valuesOf = (...asked: Parameters<typeof cameraChoices>) =>
  cameraChoices(...asked).map(({ value }) => value)

test('ghosts are followed together or one by one, in a circle', () => {
  const choices = cameraChoices(cart, ['a', 'b'], 'ghosts')
  expect(choices).toEqual([
    { value: null, label: 'All robots' },
    { value: 0, label: 'a' },
    { value: 1, label: 'b' }
  ])
  expect([null, 0, 1].map(chosen => nextCamera(choices, chosen))).toEqual([0, 1, null])
})

test('where every choice shows the same there is none', () => {
  expect(valuesOf(cart, ['a', 'b'], 'side-by-side')).toEqual([])
  expect(valuesOf(cart, ['a'], 'ghosts')).toEqual([])
  expect(valuesOf(null, ['a', 'b'], 'ghosts')).toEqual([])
  expect(nextCamera([], null)).toBeNull()
})

test('robots in a maze are shown from above or each from near', () => {
  expect(valuesOf(maze, ['a', 'b'], 'side-by-side')).toEqual([null, 0])
  expect(valuesOf(maze, ['a', 'b'], 'ghosts')).toEqual([null, 0, 1])
})

test('a choice of a track that is not there holds all', () => {
  expect(cameraShown(cameraChoices(cart, ['a', 'b'], 'ghosts'), 4)).toBeNull()
  expect(cameraShown(cameraChoices(cart, ['a', 'b'], 'ghosts'), 1)).toBe(1)
})
