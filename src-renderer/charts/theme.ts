import { onBeforeUnmount, onMounted, shallowRef, type ShallowRef } from 'vue'

/** Colours that a canvas needs by value, read from the page's own variables. */
export interface ChartTheme {
  readonly text: string
  readonly muted: string
  readonly line: string
  readonly background: string
  readonly warning: string
  readonly error: string
}

function read(): ChartTheme {
  const style = getComputedStyle(document.documentElement)
  const value = (name: string, fallback: string): string =>
    resolve(style.getPropertyValue(name).trim()) || fallback
  return {
    text: value('--ui-text', '#333'),
    muted: value('--ui-text-muted', '#777'),
    line: value('--ui-border', '#ddd'),
    background: value('--ui-bg', '#fff'),
    warning: value('--ui-warning', '#d97706'),
    error: value('--ui-error', '#dc2626')
  }
}

/** Canvas libraries do not know oklch() or var(): the browser turns any colour into rgb. */
function resolve(colour: string): string {
  if (!colour) return ''
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  if (!context) return colour
  context.fillStyle = colour
  context.fillRect(0, 0, 1, 1)
  const [r = 0, g = 0, b = 0, a = 255] = context.getImageData(0, 0, 1, 1).data
  return `rgba(${r},${g},${b},${(a / 255).toFixed(3)})`
}

/** The chart theme, read again whenever the page's theme class changes. */
export function useChartTheme(): ShallowRef<ChartTheme> {
  const theme = shallowRef(read())
  const observer = new MutationObserver(() => {
    theme.value = read()
  })
  onMounted(() => {
    theme.value = read()
    observer.observe(document.documentElement, {
      attributes: true,
      attributeFilter: ['class', 'style', 'data-theme']
    })
  })
  onBeforeUnmount(() => observer.disconnect())
  return theme
}
