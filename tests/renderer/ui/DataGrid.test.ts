import { mount } from '@vue/test-utils'
import { beforeAll, expect, test } from 'vitest'
import { nextTick } from 'vue'
import DataGrid from '../../../src-renderer/ui/DataGrid.vue'
import type { GridColumn } from '../../../src-renderer/ui/gridRows.ts'

/** The test page has no layout: every element is given the size of a window. */
beforeAll(() => {
  for (const [name, size] of [
    ['offsetWidth', 800],
    ['offsetHeight', 600],
    ['clientHeight', 600]
  ] as const)
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => size })
  HTMLElement.prototype.scrollTo = () => undefined
})

interface Row {
  readonly id: string
  readonly score: number
}
const columns: readonly GridColumn<Row>[] = [
  { key: 'id', title: 'Name', width: 100, value: row => row.id },
  { key: 'score', title: 'Score', width: 80, value: row => row.score }
]
const rows: readonly Row[] = Array.from({ length: 1000 }, (_, i) => ({ id: `row ${i}`, score: -i }))

async function grid(more: Record<string, unknown> = {}) {
  const wrapper = mount(DataGrid<Row>, {
    attachTo: document.body,
    props: { rows, columns, rowKey: (row: Row) => row.id, label: 'Rows', selectable: true, ...more }
  })
  await nextTick()
  await nextTick()
  return wrapper
}
type Grid = Awaited<ReturnType<typeof grid>>
const key = (wrapper: Grid, name: string, more = {}) =>
  wrapper.get('[role="grid"]').trigger('keydown', { key: name, ...more })
const selectedOf = (wrapper: Grid) => [
  ...((wrapper.emitted('update:selected')?.at(-1)?.[0] ?? new Set()) as ReadonlySet<string>)
]

test('of a thousand rows only those near the window are drawn, and all are counted', async () => {
  const wrapper = await grid()
  const drawn = wrapper.findAll('.row')
  expect(drawn.length).toBeGreaterThan(10)
  expect(drawn.length).toBeLessThan(80)
  expect(wrapper.get('[role="grid"]').attributes('aria-rowcount')).toBe('1001')
})

test('the grid is one tab stop: arrows move, Enter opens, Space selects', async () => {
  const wrapper = await grid()
  await key(wrapper, 'ArrowDown')
  await key(wrapper, 'ArrowDown')
  await key(wrapper, 'Enter')
  expect(wrapper.emitted('open')?.at(-1)).toEqual([rows[1]])
  await key(wrapper, ' ')
  expect(selectedOf(wrapper)).toEqual(['row 1'])
  const active = wrapper.get('[role="grid"]').attributes('aria-activedescendant')
  expect(wrapper.get(`[id="${active}"]`).text()).toContain('row 1')
  expect(wrapper.findAll('[role="row"] [tabindex="0"]')).toHaveLength(1)
})

test('Shift with arrows selects a range and Ctrl+A everything that the filter leaves', async () => {
  const wrapper = await grid({ filter: 'row 99' })
  await key(wrapper, 'ArrowDown')
  await key(wrapper, 'ArrowDown', { shiftKey: true })
  expect(selectedOf(wrapper)).toEqual(['row 99', 'row 199'])
  await key(wrapper, 'a', { ctrlKey: true })
  expect(selectedOf(wrapper)).toHaveLength(19)
})

test('a click on a head sorts, and the head says how', async () => {
  const wrapper = await grid()
  const score = wrapper.findAll('[role="columnheader"]').find(head => head.text().includes('Score'))!
  await score.get('button').trigger('click')
  expect(score.attributes('aria-sort')).toBe('ascending')
  expect(wrapper.findAll('.row')[0]?.text()).toContain('row 999')
})

test('a chosen width is kept for the next time', async () => {
  localStorage.clear()
  const wrapper = await grid({ name: 'test' })
  const head = wrapper.findAll('[data-head] button')[0]!
  await head.trigger('keydown', { key: 'ArrowRight', shiftKey: true })
  expect(JSON.parse(localStorage.getItem('stitchwork.grid.test') ?? '{}')).toEqual({ id: 816 })
})
