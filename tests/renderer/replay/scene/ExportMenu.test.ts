import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import ExportMenu from '../../../../src-renderer/replay/scene/ExportMenu.vue'
import type { Film } from '../../../../src-renderer/replay/scene/film/film.ts'
import { mapColours } from '../../../../src-renderer/replay/scene/film/mapColours.ts'
import type { FilmSettings } from '../../../../src-renderer/replay/scene/film/plan.ts'
import type { FilmScene } from '../../../../src-renderer/replay/scene/film/subject.ts'
import { settle } from '../../support.ts'
import { track } from '../support.ts'

/** A film in the making, which a test moves on. */
interface Making {
  readonly settings: FilmSettings
  readonly progress: (share: number) => void
  readonly signal: AbortSignal
  readonly done: (film: Film) => void
  readonly fail: (error: unknown) => void
}
const made = vi.hoisted(() => ({ all: [] as Making[] }))
vi.mock('../../../../src-renderer/replay/scene/film/film.ts', () => ({
  makeFilm: (_: FilmScene, settings: FilmSettings, progress: Making['progress'], signal: AbortSignal) =>
    new Promise<Film>((done, fail) => {
      signal.addEventListener('abort', () => fail(new Error('aborted')))
      made.all.push({ settings, progress, signal, done, fail })
    })
}))

const episode = track([0, 1, 2], {}, 'a')
const film: FilmScene = {
  ...{ kind: 'map', tracks: [episode], layout: 'ghosts', colours: mapColours(false) },
  map: { x: 0, y: 1, xRange: [0, 1], yRange: [0, 1], shapes: [] },
  stepsAt: at => [at],
  clockText: String
}
const robots = { ...film, kind: 'robots' } as unknown as FilmScene

const saved: { readonly name: string; readonly bytes: Blob }[] = []
let blobs = new Map<string, Blob>()
beforeEach(() => {
  made.all.length = 0
  saved.length = 0
  blobs = new Map()
  vi.spyOn(URL, 'createObjectURL').mockImplementation(blob => {
    const address = `blob:${blobs.size}`
    blobs.set(address, blob as Blob)
    return address
  })
  vi.spyOn(URL, 'revokeObjectURL').mockImplementation(() => undefined)
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push({ name: this.download, bytes: blobs.get(this.href) ?? new Blob() })
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const UPopover = { template: '<div><slot /><slot name="content" /></div>' }
const UButton = {
  props: ['label', 'disabled', 'type'],
  template: '<button :type="type ?? \'button\'" :disabled="disabled">{{ label }}</button>'
}
const menu = (more: Record<string, unknown> = {}) =>
  mount(ExportMenu, {
    attachTo: document.body,
    props: { film, length: 20, at: 7, stepsPerSecond: 10, ...more },
    global: { stubs: { UPopover, UButton } }
  })
const field = (view: ReturnType<typeof menu>, label: string) =>
  view
    .findAll('label')
    .find(one => one.text().startsWith(label))
    ?.get('select, input')
const button = (view: ReturnType<typeof menu>, label: string) =>
  view.findAll('button').find(one => one.text() === label)
const status = (view: ReturnType<typeof menu>): string => view.get('[role=status]').text()
async function begin(view: ReturnType<typeof menu>): Promise<Making> {
  const before = made.all.length
  await view.get('form').trigger('submit')
  await vi.waitFor(() => expect(made.all.length).toBe(before + 1))
  const last = made.all.at(-1)
  if (last === undefined) throw new Error('no film was begun')
  return last
}

describe('what can be saved', () => {
  const formats = (view: ReturnType<typeof menu>) => view.findAll('option').map(one => one.text())

  test('is said of the picture that there is', () => {
    expect(formats(menu())).toContain('SVG of this moment')
    expect(formats(menu({ film: robots }))).toContain('SVG of this moment (ghosts)')
  })

  test('without a video encoder is no WebM, and the menu begins with what there is', async () => {
    vi.stubGlobal('VideoEncoder', undefined)
    const view = menu()
    const webm = view.findAll('option').find(one => one.text().startsWith('WebM'))
    expect(webm?.attributes('disabled')).toBeDefined()
    expect(webm?.text()).toBe('WebM film (no video encoder here)')
    expect((field(view, 'Format')?.element as HTMLSelectElement).value).toBe('gif')
    expect((await begin(view)).settings.format).toBe('gif')
  })

  test('with one is a WebM at first', () => {
    vi.stubGlobal('VideoEncoder', class {})
    expect((field(menu(), 'Format')?.element as HTMLSelectElement).value).toBe('webm')
  })
})

describe('a film', () => {
  beforeEach(() => vi.stubGlobal('VideoEncoder', class {}))

  test('is of the stretch, size and pace that were chosen, whole episodes at first', async () => {
    const view = menu()
    expect(status(view)).toBe('61 frames, 2.0 s, at the speed of the replay')
    await field(view, 'Size')?.setValue('1280x720')
    await field(view, 'From step')?.setValue(5)
    await field(view, 'To step')?.setValue(15)
    await field(view, 'Frames a second')?.setValue(20)
    expect(status(view)).toBe('21 frames, 1.1 s, at the speed of the replay')
    const { settings } = await begin(view)
    expect(settings).toEqual({
      ...{ format: 'webm', width: 1280, height: 720, framesPerSecond: 20 },
      ...{ from: 5, to: 15, stepsPerSecond: 10 }
    })
  })

  test('follows the length of what is shown', async () => {
    const view = menu()
    await view.setProps({ length: 40 })
    expect((field(view, 'To step')?.element as HTMLInputElement).value).toBe('40')
  })

  test('that cannot be made is refused before it is begun, in words', async () => {
    const view = menu()
    await field(view, 'From step')?.setValue(20)
    expect(status(view)).toBe('The film would go from step 20 to 20; choose a later end.')
    expect(button(view, 'Save file')?.attributes('disabled')).toBeDefined()
    await field(view, 'From step')?.setValue('')
    expect(status(view)).toMatch(/a first and a last step/)
    await field(view, 'From step')?.setValue(0)
    await field(view, 'Frames a second')?.setValue(0)
    expect(status(view)).toMatch(/frames a second/)
    await view.get('form').trigger('submit')
    await settle()
    expect(made.all).toEqual([])
  })

  test('shows how far it is, and is saved under its name', async () => {
    const view = menu()
    const making = await begin(view)
    making.progress(0.4)
    await nextTick()
    expect((view.get('progress').element as HTMLProgressElement).getAttribute('value')).toBe('0.4')
    expect(button(view, 'Save file')).toBeUndefined()
    const blob = new Blob(['film'])
    making.done({ blob, name: 'replay-a.webm' })
    await settle()
    expect(saved).toEqual([{ name: 'replay-a.webm', bytes: blob }])
    expect(view.find('progress').exists()).toBe(false)
  })

  test('is left by Cancel without a word, and can be begun again', async () => {
    const view = menu()
    const making = await begin(view)
    await button(view, 'Cancel')?.trigger('click')
    await settle()
    expect(making.signal.aborted).toBe(true)
    expect(saved).toEqual([])
    expect(status(view)).toBe('61 frames, 2.0 s, at the speed of the replay')
    expect((await begin(view)).signal.aborted).toBe(false)
  })

  test('that failed says why, until something else is chosen', async () => {
    const view = menu({ film: robots })
    const making = await begin(view)
    making.fail(new Error('the browser gives no WebGL context'))
    await settle()
    expect(status(view)).toBe('The browser gives no WebGL context.')
    expect(saved).toEqual([])
    await field(view, 'Format')?.setValue('svg')
    expect(status(view)).toBe('Step 7, 960x540')
  })

  test('ends with the page that it was begun on', async () => {
    const view = menu()
    const making = await begin(view)
    view.unmount()
    expect(making.signal.aborted).toBe(true)
  })
})

test('a picture is of the present moment', async () => {
  const view = menu({ at: 7.4 })
  await field(view, 'Format')?.setValue('png')
  expect(status(view)).toBe('Step 7, 960x540')
  expect(field(view, 'From step')).toBeUndefined()
  expect((await begin(view)).settings).toMatchObject({ format: 'png', from: 7.4, to: 7.4 })
})
