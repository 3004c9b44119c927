import { expect, test } from 'vitest'
import { go, parseRoute, routeHash, setQuery, useQuery, useRoute } from '../../../src-renderer/ui/route.ts'

test('a place and its address lead to each other', () => {
  expect(parseRoute('#/runs/run-1?tab=log')).toEqual({ page: 'runs', id: 'run-1', query: { tab: 'log' } })
  expect(parseRoute(routeHash('datasets', 'a b/c', { x: '1', y: '' }))).toEqual({
    page: 'datasets',
    id: 'a b/c',
    query: { x: '1' }
  })
})

test('an unknown address leads to the datasets', () => {
  for (const hash of ['', '#', '#/', '#/nowhere/7', '#token=abc'])
    expect(parseRoute(hash)).toMatchObject({ page: 'datasets', id: null })
  expect(parseRoute('#/runs/%E0%A4%A').id).toBe('%E0%A4%A')
})

test('going somewhere changes the address and the place at once', () => {
  go('train', null, { datasets: 'd1' })
  expect(location.hash).toBe('#/train?datasets=d1')
  expect(useRoute().value.page).toBe('train')
  const query = useQuery('datasets')
  setQuery({ datasets: 'd2' })
  expect(query.value).toBe('d2')
  setQuery({ datasets: '' })
  expect(location.hash).toBe('#/train')
})
