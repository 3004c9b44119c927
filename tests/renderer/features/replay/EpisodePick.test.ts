import { mount } from '@vue/test-utils'
import { describe, expect, test, vi } from 'vitest'
import { provideClient } from '../../../../src-renderer/client/holder.ts'
import EpisodePick from '../../../../src-renderer/features/replay/EpisodePick.vue'
import { fakeClient, settle } from '../../support.ts'

const told: unknown[] = []
// The kit's toasts need the kit's own build.
vi.mock('../../../../src-renderer/ui/notify.ts', () => ({
  useNotify: () => ({ error: (error: unknown) => told.push(error) })
}))

/** A field whose requests a test answers when it likes. */
function shown() {
  const answers: { readonly give: (index: number) => void; readonly fail: (error: unknown) => void }[] = []
  const episodes = () =>
    new Promise((resolve, reject) =>
      answers.push({ give: index => resolve({ total: 8, rows: [{ index }] }), fail: reject })
    )
  provideClient(fakeClient({ datasets: { episodes } }))
  const view = mount(EpisodePick, {
    props: { datasetId: 'd1', episode: 2, count: 8, of: 'rows' },
    global: { stubs: { UButton: { template: '<button />' } } }
  })
  const input = view.get('input')
  const press = (place: number) => view.findAll('button')[place]?.trigger('click')
  const answer = async (place: number, index: number): Promise<void> => {
    answers[place]?.give(index)
    await settle()
  }
  return { view, input, press, answer, answers, chosen: () => view.emitted('episode') ?? [] }
}

describe('an episode by its place', () => {
  test('is the one that the host names', async () => {
    const { press, answer, chosen } = shown()
    await press(0)
    await answer(0, 6)
    expect(chosen()).toEqual([[6]])
  })

  test('does not undo a number that was given while the host was asked', async () => {
    const { input, press, answer, chosen } = shown()
    await press(2)
    await input.setValue('5')
    await answer(0, 0)
    expect(chosen()).toEqual([[5]])
  })

  test('does not take the number away that is being written', async () => {
    const { input, press, answer, chosen } = shown()
    await press(2)
    ;(input.element as HTMLInputElement).value = '5'
    await input.trigger('input')
    await answer(0, 0)
    expect(chosen()).toEqual([])
    expect((input.element as HTMLInputElement).value).toBe('5')
  })

  test('is of the last place asked for, whichever answer comes first', async () => {
    const { press, answer, chosen } = shown()
    await press(0)
    await press(2)
    await answer(1, 1)
    await answer(0, 7)
    expect(chosen()).toEqual([[1]])
  })

  test('is not given to another dataset that has come into its row', async () => {
    const { view, press, answer, answers, chosen } = shown()
    await press(0)
    await view.setProps({ datasetId: 'd2' })
    await answer(0, 6)
    expect(chosen()).toEqual([])
    await press(0)
    view.unmount()
    answers[1]?.fail(new Error('gone'))
    await settle()
    expect([chosen(), told]).toEqual([[], []])
  })
})

test('a number beyond the last episode is the last one, and no number is none', async () => {
  const { input, chosen } = shown()
  for (const text of ['99', '-4', '', '2.5']) {
    ;(input.element as HTMLInputElement).value = text
    await input.trigger('change')
  }
  expect(chosen()).toEqual([[7], [0], [2], [2]])
  expect((input.element as HTMLInputElement).value).toBe('2')
})
