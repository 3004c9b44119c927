import { mount } from '@vue/test-utils'
import { expect, test, vi } from 'vitest'
import { provideClient } from '../../../src-renderer/client/holder.ts'
import FilePicker from '../../../src-renderer/ui/FilePicker.vue'
import { fakeClient, settle } from '../support.ts'

// The kit's toasts need the kit's own build.
vi.mock('../../../src-renderer/ui/notify.ts', () => ({
  useNotify: () => ({ attempt: (task: () => Promise<unknown>) => task().catch(() => undefined) })
}))

const file = (name: string) => ({ handle: name, name, kind: 'file', sizeBytes: 1, recognised: null })
const folder = (name: string) => ({ ...file(name), kind: 'folder' })
const stubs = {
  ...{ UIcon: true, UInput: true, UKbd: true },
  UButton: {
    props: ['label'],
    emits: ['click'],
    template: '<button @click="$emit(\'click\')">{{ label }}</button>'
  },
  DataGrid: {
    props: ['rows', 'activeKey'],
    emits: ['open', 'update:activeKey'],
    methods: { focus: () => undefined },
    template: '<ul><li v-for="row in rows" @dblclick="$emit(\'open\', row)">{{ row.name }}</li></ul>'
  }
}

async function picker(list: (params: { handle: string | null }) => Promise<unknown>) {
  provideClient(fakeClient({ files: { list: list } }))
  const page = mount(FilePicker, { props: { action: 'Read file' }, global: { stubs } })
  await settle()
  const shown = () => page.findAll('li').map(row => row.text())
  return { page, shown, row: (name: string) => page.findAll('li').find(row => row.text() === name)! }
}

test('the next picker begins where the last one was left, and at the roots when that folder is gone', async () => {
  const list = ({ handle }: { handle: string | null }) =>
    Promise.resolve({
      ...{ title: handle ?? 'Places', parent: null, omitted: 0 },
      entries: handle === null ? [folder('/home'), folder('/data')] : [file('a.csv'), file('b.csv')]
    })
  const first = await picker(list)
  expect(first.shown()).toEqual(['/home', '/data'])
  await first.row('/data').trigger('dblclick')
  await settle()
  await first.row('b.csv').trigger('dblclick')
  expect(first.page.emitted('choose')).toEqual([['b.csv', 'b.csv']])
  first.page.unmount()
  const second = await picker(list)
  expect(second.shown()).toEqual(['a.csv', 'b.csv'])
  expect(second.page.findAll('nav button').map(place => place.text())).toEqual(['Places', '/data'])
  await second.row('a.csv').trigger('dblclick')
  second.page.unmount()
  const gone = await picker(params =>
    params.handle === null ? list(params) : Promise.reject(new Error('gone'))
  )
  expect(gone.shown()).toEqual(['/home', '/data'])
})
