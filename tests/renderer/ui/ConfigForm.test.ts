import { mount } from '@vue/test-utils'
import { defineComponent, h } from 'vue'
import { expect, test } from 'vitest'
import ConfigForm from '../../../src-renderer/ui/ConfigForm.vue'
import { field } from '../support.ts'

/** Plain stand-ins for the kit's controls, with the same properties and events. */
const stubs = {
  UIcon: { template: '<i />' },
  UButton: {
    props: ['icon'],
    emits: ['click'],
    template: '<button type="button" @click="$emit(\'click\')" />'
  },
  UFormField: {
    props: ['label', 'help', 'error'],
    template:
      '<div><b>{{ label }}</b><slot name="hint" /><slot /><p class="help">{{ help }}</p><p class="error">{{ error }}</p></div>'
  },
  UInput: defineComponent({
    props: ['modelValue'],
    emits: ['update:modelValue'],
    setup:
      (props, { emit }) =>
      () =>
        h('input', {
          value: props.modelValue as string,
          onInput: (event: Event) => emit('update:modelValue', (event.target as HTMLInputElement).value)
        })
  }),
  USwitch: { template: '<input type="checkbox" />' },
  USelect: { props: ['items', 'modelValue'], template: '<select />' }
}
const fields = [
  field({
    name: 'expectile',
    title: 'Expectile',
    description: 'How optimistic.',
    default: 0.7,
    minimum: 0,
    maximum: 1
  }),
  field({
    name: 'batchSize',
    title: 'Batch size',
    kind: 'integer',
    default: 256,
    minimum: 1,
    section: 'training'
  })
]
const start = { expectile: 0.7, batchSize: 256 }
const form = (
  config: Record<string, unknown> = start,
  problems: { field: string | null; text: string }[] = []
) =>
  mount(ConfigForm, {
    props: { fields, start, problems, modelValue: config },
    global: { stubs }
  })

test('the docstring is the help, and other sections wait until they are opened', async () => {
  const wrapper = form()
  expect(wrapper.text()).toContain('How optimistic.')
  expect(wrapper.text()).not.toContain('Batch size')
  await wrapper.get('button[aria-expanded="false"]').trigger('click')
  expect(wrapper.text()).toContain('Batch size')
})

test('typing gives a number, and keeps the text as it was typed', async () => {
  const wrapper = form()
  await wrapper.get('input').setValue('9e-1')
  expect(wrapper.emitted('update:modelValue')?.at(-1)).toEqual([{ expectile: 0.9, batchSize: 256 }])
  await wrapper.setProps({ modelValue: { expectile: 0.9, batchSize: 256 } })
  expect(wrapper.get('input').element.value).toBe('9e-1')
})

test('a problem stands beside its field instead of the help, and its closed section says so', async () => {
  const wrapper = form({ expectile: 2, batchSize: 'many' })
  expect(wrapper.get('.error').text()).toContain('at most 1')
  expect(wrapper.get('.help').text()).not.toContain('How optimistic.')
  expect(wrapper.text()).toContain('1 to correct')
  const fromHost = form(start, [{ field: 'expectile', text: 'too bold for this data' }])
  expect(fromHost.get('.error').text()).toBe('too bold for this data')
})

test('a changed field returns to the preset', async () => {
  const wrapper = form({ expectile: 0.9, batchSize: 256 })
  expect(wrapper.text()).toContain('1 changed')
  await wrapper.get('button[aria-label="Reset Expectile to 0.7"]').trigger('click')
  expect(wrapper.emitted('update:modelValue')?.at(-1)).toEqual([start])
})
