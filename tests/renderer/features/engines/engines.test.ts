import { mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import type { EngineInfo } from '../../../../src-preload/contract/app.ts'
import type {
  EngineEntry,
  EngineProgress,
  EngineSpeed,
  Measurement,
  MeasuredSize,
  MeasuringProgress
} from '../../../../src-preload/contract/engines.ts'
import type { Precision } from '../../../../src-preload/contract/precision.ts'
import { provideClient } from '../../../../src-renderer/client/holder.ts'
import EngineRows from '../../../../src-renderer/features/engines/EngineRows.vue'
import InstallPanel from '../../../../src-renderer/features/engines/InstallPanel.vue'
import { speedColumns, speedRows } from '../../../../src-renderer/features/engines/measuredTable.ts'
import MeasuredTable from '../../../../src-renderer/features/engines/MeasuredTable.vue'
import PrecisionField from '../../../../src-renderer/features/train/PrecisionField.vue'
import { candidatesOf, whyNot } from '../../../../src-renderer/features/train/precisionChoice.ts'
import { useCatalogue } from '../../../../src-renderer/stores/catalogue.ts'
import { useEngines } from '../../../../src-renderer/stores/engines.ts'
import { algorithm, fakeClient, pushable, settle } from '../../support.ts'

// The kit's toasts need the kit's own build.
vi.mock('../../../../src-renderer/ui/notify.ts', () => ({
  useNotify: () => ({ attempt: (task: () => Promise<unknown>) => task() })
}))

const size: MeasuredSize = {
  ...{ algorithm: 'iql', hiddenSizes: [256, 256], batchSize: 256, threads: 2 },
  ...{ observationSize: 32, actionSize: 8, actions: 'continuous' }
}
const speed = (engine: string, stepsPerSecond: number | null, more: Partial<EngineSpeed> = {}) => ({
  ...{ engine, version: '1', device: 'CPU', precision: 'float32' as const, stepsPerSecond },
  ...{ compileSeconds: 1, reason: stepsPerSecond === null ? 'it crashed' : null },
  ...more
})
const measurement = (more: Partial<Measurement> = {}): Measurement => ({
  ...{ size, measuredAt: 1_000_000, otherRuns: 0, fastest: 'tensorflow', current: true },
  speeds: [speed('onnx', 200), speed('tensorflow', 400)],
  ...more
})
const entry = (id: string, more: Partial<EngineEntry> = {}): EngineEntry => ({
  ...{ id, title: `Engine ${id}`, available: true, version: '1', device: 'CPU', reason: null },
  ...{ installable: false, installed: null },
  ...more
})
const installed = { version: '2', gpu: false, sizeBytes: 853e6, installedAt: 1 }
const progress = (more: Partial<EngineProgress>): EngineProgress => ({
  ...{ id: 'tensorflow', state: 'idle', doneBytes: 0, totalBytes: 0, text: '', error: null },
  ...more
})
const appAnswers = {
  algorithms: { list: async () => [algorithm()] },
  environments: { list: async () => [] },
  app: { info: async () => ({ cores: 2, capabilities: { nativeDialog: true } }), settings: async () => ({}) }
}

const stubs = {
  UIcon: { props: ['name'], template: '<i />' },
  UButton: {
    props: ['label', 'disabled'],
    emits: ['click'],
    template: '<button type="button" :disabled="disabled" @click="$emit(\'click\')">{{ label }}</button>'
  },
  USwitch: {
    props: ['modelValue'],
    emits: ['update:modelValue'],
    template: '<input type="checkbox" @change="$emit(\'update:modelValue\', true)" />'
  },
  USelect: { props: ['items', 'modelValue'], template: '<select />' },
  UFormField: { props: ['label', 'help'], template: '<div><slot /><p>{{ help }}</p></div>' }
}
const global = { stubs }

beforeEach(() => setActivePinia(createPinia()))

describe('the table of speeds', () => {
  const entries = [entry('onnx'), entry('tensorflow')]

  test('has a column for each engine and format, and ratios to the fastest of each row', () => {
    const reduced = speed('tensorflow', 800, { precision: 'bfloat16' })
    const measurements = [
      measurement({ speeds: [speed('onnx', 200), reduced, speed('tensorflow', 400)] }),
      measurement({ speeds: [speed('onnx', 50), speed('tensorflow', null)] })
    ]
    const columns = speedColumns(measurements, entries)
    expect(columns.map(({ text }) => text)).toEqual(['onnx', 'tensorflow', 'tensorflow, bfloat16'])
    expect(speedRows(measurements, columns).map(({ cells }) => cells)).toEqual([
      [
        { kind: 'speed', stepsPerSecond: 200, ratio: 0.25 },
        { kind: 'speed', stepsPerSecond: 400, ratio: 0.5 },
        { kind: 'speed', stepsPerSecond: 800, ratio: 1 }
      ],
      [
        { kind: 'speed', stepsPerSecond: 50, ratio: 1 },
        { kind: 'failed', reason: 'it crashed' },
        { kind: 'none' }
      ]
    ])
  })

  test('says how steps ran on an engine that has several ways, and why', () => {
    const execution = { mode: 'xla' as const, reason: 'a GPU' }
    const measurements = [
      measurement({ speeds: [speed('onnx', 200), speed('tensorflow', 400, { execution })] })
    ]
    const table = mount(MeasuredTable, { props: { measurements, entries, busy: false, now: 1e6 }, global })
    const told = table.findAll('.mode')
    expect(told.map(mode => mode.text())).toEqual(['XLA'])
    expect(told[0]?.attributes('title')).toBe('Steps run compiled by XLA: a GPU.')
  })

  test('shows when it was measured, what it no longer holds for, and failures in words', async () => {
    const measurements = [
      measurement({ otherRuns: 2 }),
      measurement({
        size: { ...size, hiddenSizes: [64, 32] },
        current: false,
        speeds: [speed('onnx', 9), speed('tensorflow', null)]
      })
    ]
    const table = mount(MeasuredTable, {
      props: { measurements, entries, busy: false, now: 1_000_000 + 5 * 60_000 },
      global
    })
    const [first, second] = table.findAll('tbody tr')
    expect(first?.text()).toMatch(
      /iql 2 × 256, batch 256.*200 \/s.*0\.50 ×.*400 \/s.*1\.00 ×.*5 min ago.*beside 2 runs/s
    )
    expect(second?.text()).toMatch(/64, 32, batch 256.*failed.*with other engines/s)
    expect(table.text()).toContain('tensorflow on iql 64, 32, batch 256: it crashed')
    await second?.find('button').trigger('click')
    expect(table.emitted('measure')).toEqual([[measurements[1]?.size]])
  })
})

describe('the list of engines', () => {
  test('says why one cannot be used, in which formats one computes, and offers to remove what was installed', async () => {
    const tensorflow = entry('tensorflow', {
      installed,
      precisions: [
        { precision: 'bfloat16', reason: null },
        { precision: 'tf32', reason: 'this engine runs on the processor' }
      ]
    })
    const absent = entry('onnx-cuda', { available: false, reason: 'no driver' })
    const list = mount(EngineRows, {
      props: { entries: [tensorflow, absent], busy: false, label: 'Engines' },
      global
    })
    expect(list.text()).toContain('853 MB on the disk')
    expect(list.text()).toContain('bfloat16 products: can be chosen for a run')
    expect(list.text()).toContain('TF32 products: this engine runs on the processor')
    expect(list.text()).toContain('No driver')
    expect(list.findAll('button')).toHaveLength(1)
    await list.find('button').trigger('click')
    expect(list.emitted('remove')).toEqual([[tensorflow]])
  })
})

describe('an engine that is not installed', () => {
  const reason = 'it is not installed; install it with: stitchwork engines install tensorflow'
  test.each([
    [true, 'It is not installed; install it below'],
    [false, 'It is not installed; install it with: stitchwork engines install tensorflow']
  ])('says how it is had where it can be installed from the page (%s)', (installable, expected) => {
    const entries = [entry('tensorflow', { available: false, installable, reason })]
    const list = mount(EngineRows, { props: { entries, busy: false, label: 'Engines' }, global })
    expect(list.find('.reason').text()).toBe(expected)
    expect(list.find('[role=img]').attributes('aria-label')).toBe('Not usable')
  })
})

describe('the place of the keyboard', () => {
  test('goes to Cancel when an install begins and back when it ends, and is not taken from elsewhere', async () => {
    provideClient(fakeClient(appAnswers))
    await useCatalogue().load()
    const waiting = {
      entry: entry('tensorflow', { available: false, installable: true }),
      progress: null,
      installing: false
    }
    const panel = mount(InstallPanel, { props: waiting, global, attachTo: document.body })
    const focused = (): string => document.activeElement?.textContent?.trim() ?? ''
    panel
      .findAll('button')
      .find(button => button.text() === 'Download and install')
      ?.element.focus()
    const running = { installing: true, progress: progress({ state: 'downloading' }) }
    await panel.setProps(running)
    expect(focused()).toBe('Cancel')
    await panel.setProps({ installing: false, progress: progress({ state: 'cancelled' }) })
    expect(focused()).toBe('Download and install')
    ;(document.activeElement as HTMLElement).blur()
    await panel.setProps(running)
    expect(document.activeElement).toBe(document.body)
    panel.unmount()
  })
})

describe('the install panel', () => {
  const panelWith = async (props: {
    entry: EngineEntry
    progress: EngineProgress | null
    installing: boolean
  }) => {
    provideClient(
      fakeClient({
        ...appAnswers,
        files: { pick: async () => ({ handle: 'h1', name: 'tensorflow.whl' }) }
      })
    )
    await useCatalogue().load()
    return mount(InstallPanel, { props, global })
  }
  const waiting = {
    entry: entry('tensorflow', { available: false, installable: true }),
    progress: null,
    installing: false
  }
  const click = async (panel: Awaited<ReturnType<typeof panelWith>>, text: string) => {
    await panel
      .findAll('button')
      .find(button => button.text().includes(text))
      ?.trigger('click')
    await settle()
  }

  test('downloads, or takes the files that were picked, for a GPU where that is asked for', async () => {
    const panel = await panelWith(waiting)
    expect(panel.text()).toContain('some 270 MB to download, 850 MB on the disk')
    await click(panel, 'Download and install')
    await click(panel, 'Take wheel files instead')
    expect(panel.text()).toContain('tensorflow.whl')
    await panel.find('input[type=checkbox]').trigger('change')
    await click(panel, 'Install from these files')
    expect(panel.emitted('install')).toEqual([[{ gpu: false, wheels: [] }], [{ gpu: true, wheels: ['h1'] }]])
  })

  test('shows the step it is at and how far, and can be cancelled', async () => {
    const panel = await panelWith({
      ...waiting,
      installing: true,
      progress: progress({ state: 'unpacking', doneBytes: 266e6, totalBytes: 854e6, text: 'unpacking' })
    })
    expect(panel.find('li[aria-current=step]').text()).toBe('Unpacking')
    expect(panel.text()).toContain('31 %')
    expect(panel.text()).toContain('266 MB of 854 MB')
    expect(panel.find('[role=status]').text()).toBe('unpacking') // figures are not read out ten times a second
    expect(panel.text()).not.toContain('Download and install')
    await click(panel, 'Cancel')
    expect(panel.emitted('cancel')).toHaveLength(1)
  })

  test('says why it failed, and lets one try again', async () => {
    const panel = await panelWith({
      ...waiting,
      progress: progress({ state: 'failed', error: 'there is no C++ compiler; install g++' })
    })
    expect(panel.find('[role=alert]').text()).toContain('there is no C++ compiler; install g++')
    expect(panel.text()).toContain('Download and install')
  })

  test('is folded away once it is installed', async () => {
    const panel = await panelWith({ ...waiting, entry: entry('tensorflow', { installed }) })
    expect(panel.find('details').attributes('open')).toBeUndefined()
  })
})

describe('the store of engines', () => {
  test('knows when an install comes to its end', () => {
    const engines = useEngines()
    expect(engines.take(progress({ state: 'done' }))).toBe(false) // an older one, told when the page opens
    expect(engines.take(progress({ state: 'building' }))).toBe(false)
    expect(engines.installing).toBe(true)
    expect(engines.take(progress({ state: 'failed' }))).toBe(true)
    expect(engines.installing).toBe(false)
  })

  test('follows measuring and shows a result as soon as it is there', async () => {
    const stream = pushable<MeasuringProgress>()
    let stored: Measurement[] = []
    provideClient(
      fakeClient({
        engines: {
          measure: (_: unknown, signal: AbortSignal) => stream.open(signal),
          measurements: async () => stored
        }
      })
    )
    const engines = useEngines()
    const done = engines.measure([size])
    stream.push({ size, text: 'compiling with onnx', share: 0.1, measurement: null })
    await settle()
    expect(engines.measuring).toMatchObject({ text: 'compiling with onnx' })
    stored = [measurement()]
    stream.push({ size, text: 'done', share: 1, measurement: measurement() })
    await settle()
    expect(engines.measurements).toHaveLength(1)
    stream.end()
    await done
    expect(engines.measuring).toBeNull()
  })
})

describe('the precision of a plan', () => {
  const info = (id: string, more: Partial<EngineInfo> = {}): EngineInfo => ({
    ...{ id, title: id, available: true, version: '1', device: 'CPU', reason: null },
    ...more
  })
  const fast = info('tensorflow', { precisions: [{ precision: 'bfloat16', reason: null }] })
  const old = info('tensorflow', { precisions: [{ precision: 'bfloat16', reason: 'no AMX' }] })

  test.each<[Precision, EngineInfo[], string | null]>([
    ['float32', [], null],
    ['bfloat16', [info('onnx'), fast], null],
    ['bfloat16', [info('onnx'), old], 'tensorflow: no AMX'],
    ['bfloat16', [info('onnx')], 'onnx has no bfloat16 products.'],
    ['tf32', [info('onnx'), fast], 'No engine here has TF32 products.']
  ])('%s: offered or explained', (format, engines, expected) => {
    expect(whyNot(format, engines)).toBe(expected)
  })

  test('is judged by the engine chosen, or by all usable ones', () => {
    const absent = info('onnx-cuda', { available: false })
    expect(candidatesOf('auto', [info('onnx'), absent, fast]).map(({ id }) => id)).toEqual([
      'onnx',
      'tensorflow'
    ])
    expect(candidatesOf('onnx', [info('onnx'), fast]).map(({ id }) => id)).toEqual(['onnx'])
    expect(candidatesOf('onnx-cuda', [absent])).toEqual([])
  })

  test('goes back to float32 when the engine chosen next lacks it', async () => {
    const field = mount(PrecisionField, { props: { engines: [fast], modelValue: 'bfloat16' }, global })
    expect(field.text()).toContain('AMX or AVX512-BF16')
    await field.setProps({ engines: [info('onnx')] })
    await nextTick()
    expect(field.emitted('update:modelValue')).toEqual([['float32']])
  })
})
