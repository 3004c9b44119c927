import { useMediaQuery } from '@vueuse/core'
import { defineStore } from 'pinia'
import { computed, watch } from 'vue'
import { paletteColour, paletteColours } from '../ui/palette.ts'
import { useCatalogue } from './catalogue.ts'

const themeKey = 'stitchwork.theme'

/** Sets the theme class before the first paint, from what the last session used. */
export function applyStoredTheme(): void {
  const stored = localStorage.getItem(themeKey) ?? 'system'
  const dark =
    stored === 'dark' || (stored === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  setThemeClass(dark)
}

function setThemeClass(dark: boolean): void {
  document.documentElement.classList.toggle('dark', dark)
  document.documentElement.classList.toggle('light', !dark)
}

/** Theme and run colours, from the settings and the system's preference. */
export const useAppearance = defineStore('appearance', () => {
  const catalogue = useCatalogue()
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)')
  const stored = localStorage.getItem(themeKey)
  const theme = computed(() => (catalogue.loaded ? catalogue.settings.theme : (stored ?? 'system')))
  const dark = computed(() => theme.value === 'dark' || (theme.value === 'system' && systemDark.value))
  const colours = computed(() => paletteColours(catalogue.settings.palette, dark.value))

  watch(dark, setThemeClass, { immediate: true })
  watch(theme, value => localStorage.setItem(themeKey, value))
  watch(
    () => catalogue.settings.reduceMotion,
    value => document.documentElement.classList.toggle('reduce-motion', value),
    { immediate: true }
  )

  return {
    dark,
    /** The run colours of the present theme, by index. */
    colours,
    /** The colour of a run's or group's index, the same in every view. */
    colourOf: (index: number): string => paletteColour(colours.value, index)
  }
})
