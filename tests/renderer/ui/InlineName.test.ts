import { mount } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import InlineName from '../../../src-renderer/ui/InlineName.vue'

let page: ReturnType<typeof mount> | null = null
afterEach(() => page?.unmount())

async function editing() {
  page = mount(InlineName, {
    props: { name: 'IQL, seed 0', label: 'Name of the run' },
    global: { stubs: { UIcon: true } },
    attachTo: document.body
  })
  await page.find('button').trigger('click')
  await page.find('input').setValue('the long one')
  return page
}

test('Enter renames and leaves the keyboard at the name', async () => {
  const shown = await editing()
  await shown.find('input').trigger('keydown', { key: 'Enter' })
  await new Promise(resolve => setTimeout(resolve))
  expect(shown.emitted('rename')).toEqual([['the long one']])
  expect(document.activeElement).toBe(shown.find('button').element)
})

test('Escape keeps the old name and leaves the keyboard at it', async () => {
  const shown = await editing()
  await shown.find('input').trigger('keydown', { key: 'Escape' })
  await new Promise(resolve => setTimeout(resolve))
  expect(shown.emitted('rename')).toBeUndefined()
  expect(document.activeElement).toBe(shown.find('button').element)
})
