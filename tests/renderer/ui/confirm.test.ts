import { afterEach, expect, test } from 'vitest'
import { returnPlace } from '../../../src-renderer/ui/confirm.ts'

afterEach(() => document.body.replaceChildren())

function button(id: string, parent: Element = document.body): HTMLButtonElement {
  const made = document.createElement('button')
  made.id = id
  parent.append(made)
  return made
}

test('the keyboard returns to what asked, and from an entry of a menu to the button of the menu', () => {
  const more = button('more')
  const menu = document.createElement('div')
  menu.setAttribute('role', 'menu')
  menu.setAttribute('aria-labelledby', 'more')
  document.body.append(menu)
  const entry = button('delete', menu)
  entry.focus()
  expect(returnPlace()).toBe(more)
  more.focus()
  expect(returnPlace()).toBe(more)
  more.blur()
  expect(returnPlace()).toBeNull()
})
