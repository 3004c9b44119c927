import { enableAutoUnmount, flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import type * as Three from 'three'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { noTurn } from '../../../../src-renderer/replay/scene/camera.ts'
import SceneView from '../../../../src-renderer/replay/scene/SceneView.vue'
import type { SceneTrack } from '../../../../src-renderer/replay/scene/stage.ts'
import { cart } from './support.ts'

/** What renderers were made of, and the cameras of the pictures that they drew. */
const drawn = vi.hoisted(() => ({
  renderers: [] as HTMLCanvasElement[],
  places: [] as number[],
  sizes: ['']
}))
vi.mock('three', async original => {
  const three = await original<typeof Three>()
  /** A renderer that writes down what it is asked to draw: the test page has no graphics. */
  class WebGLRenderer {
    readonly #context: WebGL2RenderingContext
    constructor({ canvas, context }: { canvas: HTMLCanvasElement; context: WebGL2RenderingContext }) {
      drawn.renderers.push(canvas)
      this.#context = context
    }
    getContext = () => this.#context
    #pane = false
    /** What is drawn ahead of all pictures has no pane. */
    render = (_: Three.Scene, camera: Three.Camera) => {
      if (this.#pane) drawn.places.push(camera.position.x)
    }
    setDrawingBufferSize = (...size: number[]) => void drawn.sizes.push(size.join(' '))
    setScissorTest = () => undefined
    setViewport = () => undefined
    setClearColor = () => undefined
    clear = () => undefined
    setScissor = () => void (this.#pane = true)
    dispose = () => undefined
    forceContextLoss = () => undefined
  }
  return { ...three, WebGLRenderer }
})

let webgl = true
const lost = new WeakSet<HTMLCanvasElement>()
function contextOf(this: HTMLCanvasElement): unknown {
  return webgl
    ? {
        canvas: this,
        isContextLost: () => lost.has(this),
        getExtension: () => null,
        getParameter: () => 'a software renderer'
      }
    : null
}

const track = (id: string, x: number): SceneTrack => ({
  ...{ id, name: `Robot ${id}`, colour: '#123456', positionSize: 2, length: 2 },
  positions: Float32Array.from([x, 0, x + 1, 0, x + 2, 0])
})
const props = {
  scene: cart,
  tracks: [track('a', 0)],
  steps: [0],
  layout: 'side-by-side',
  follow: null,
  turn: noTurn
} as const

/** Lets a frame of the screen pass, in which pictures are drawn. */
const frame = (): Promise<void> =>
  new Promise(resolve => requestAnimationFrame(() => setTimeout(() => resolve())))
const mounted = (more: Record<string, unknown> = {}) =>
  mount(SceneView, { attachTo: document.body, props: { ...props, ...more } })
/** A view that has drawn. */
async function view(more: Record<string, unknown> = {}) {
  const before = drawn.places.length
  const wrapper = mounted(more)
  await vi.waitFor(() => expect(drawn.places.length).toBeGreaterThan(before))
  return wrapper
}
enableAutoUnmount(afterEach)
const canvasOf = (wrapper: Awaited<ReturnType<typeof view>>): HTMLCanvasElement => {
  const canvas = (wrapper.element as HTMLElement).querySelector('canvas')
  if (canvas === null) throw new Error('there is no canvas')
  return canvas
}

beforeEach(() => {
  setActivePinia(createPinia())
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockImplementation(contextOf as never)
  for (const [name, size] of [
    ['clientWidth', 800],
    ['clientHeight', 400]
  ] as const)
    Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => size })
  webgl = true
  drawn.places.length = 0
  drawn.sizes.length = 0
})
afterEach(() => vi.restoreAllMocks())

test('draws its robot in its size, and again when the clock or the view moves', async () => {
  const wrapper = await view()
  expect(wrapper.get('[role="img"]').attributes('aria-label')).toBe('Replay of Robot a')
  expect(drawn.sizes).toEqual(['800 400 1'])
  expect(drawn.places.at(-1)).toBeCloseTo(0)
  const before = drawn.places.length
  await wrapper.setProps({ steps: [1] })
  await wrapper.setProps({ steps: [2] })
  await frame()
  expect(drawn.places).toHaveLength(before + 1)
  expect(drawn.places.at(-1)).toBeCloseTo(2)
  await wrapper.setProps({ turn: { ...noTurn, yaw: 1 } })
  await frame()
  expect(drawn.places.at(-1)).toBeGreaterThan(3)
  await frame()
  expect(drawn.places).toHaveLength(before + 2)
})

test('a clock that runs on frames of the screen is drawn in every one of them', async () => {
  const wrapper = await view()
  const length = 12
  const before = drawn.places.length
  await new Promise<void>(done => {
    let at = 0
    const tick = (): void => {
      void wrapper.setProps({ steps: [at++ / length] })
      if (at <= length) requestAnimationFrame(tick)
      else done()
    }
    requestAnimationFrame(tick)
  })
  await frame()
  // The first has to be asked for.
  expect(drawn.places.length - before).toBeGreaterThanOrEqual(length - 1)
})

test('several robots have a picture each, or one that follows whom it is told to', async () => {
  const tracks = [track('a', 0), track('b', 10)]
  const wrapper = await view({ tracks, steps: [0, 0] })
  expect(drawn.places.slice(-2).map(Math.round)).toEqual([0, 10])
  expect(wrapper.text()).toContain('Robot b')
  await wrapper.setProps({ layout: 'ghosts', follow: 1 })
  await frame()
  expect(drawn.places.at(-1)).toBeCloseTo(10)
})

test('the next view draws on the canvas of the last one, and not larger than it was', async () => {
  const first = await view()
  const canvas = canvasOf(first)
  const made = drawn.renderers.length
  first.unmount()
  expect(canvas.isConnected).toBe(false)
  drawn.sizes.length = 0
  const places = drawn.places.length
  const next = await view({ tracks: [track('b', 5)] })
  expect(canvasOf(next)).toBe(canvas)
  expect(drawn.renderers).toHaveLength(made)
  expect(drawn.sizes).toEqual([])
  expect(drawn.places.slice(places).map(Math.round)).toEqual([5])
  next.unmount()
  await frame()
  expect(drawn.places).toHaveLength(places + 1)
})

test('two views at once have a canvas each', async () => {
  const [one, other] = [await view(), await view()]
  expect(canvasOf(one)).not.toBe(canvasOf(other))
})

test('a lost device is told, the picture is drawn flat, and can be tried again on a new canvas', async () => {
  const wrapper = await view()
  const canvas = canvasOf(wrapper)
  lost.add(canvas)
  canvas.dispatchEvent(new Event('webglcontextlost'))
  await nextTick()
  expect(wrapper.text()).toContain('The graphics device was lost: the picture is drawn flat.')
  expect(wrapper.get('svg').findAll('line, polygon').length).toBeGreaterThan(0)
  await wrapper.get('.notice button').trigger('click')
  await flushPromises()
  expect(canvasOf(wrapper)).not.toBe(canvas)
  expect(wrapper.text()).not.toContain('lost')
})

test('without WebGL it says so and draws flat', async () => {
  webgl = false
  // Nor anything that an earlier view left.
  for (const canvas of drawn.renderers) lost.add(canvas)
  const wrapper = mounted()
  await vi.waitFor(() =>
    expect(wrapper.text()).toContain('This window has no WebGL: the picture is drawn flat.')
  )
  expect(wrapper.find('canvas').exists()).toBe(false)
  expect(wrapper.get('svg').findAll('line, polygon').length).toBeGreaterThan(0)
})
