export type PaletteName = 'default' | 'colourBlind'

/** Colours of runs and groups by index; each has at least 3:1 against the background of its theme. */
const palettes = {
  default: {
    light: [
      '#2563eb',
      '#c2580a',
      '#128043',
      '#c02670',
      '#7c3aed',
      '#0e7f9c',
      '#8a5a2b',
      '#b91c1c',
      '#6b7a00',
      '#52637a'
    ],
    dark: [
      '#60a5fa',
      '#fb923c',
      '#4ade80',
      '#f472b6',
      '#a78bfa',
      '#22d3ee',
      '#d6a77a',
      '#f87171',
      '#c9d64b',
      '#a3b1c6'
    ]
  },
  // After Okabe and Ito, with the light ones darkened on white and the dark ones lightened on black.
  colourBlind: {
    light: ['#0072b2', '#c95000', '#00805f', '#a8457f', '#937000', '#2f86c0', '#333333'],
    dark: ['#4da3dc', '#ff8a3d', '#2bc79a', '#e59ac6', '#f0e442', '#9bd8f7', '#e0e0e0']
  }
} as const

/** The colours of a palette in a theme, in the order of run colour indices. */
export const paletteColours = (name: PaletteName, dark: boolean): readonly string[] =>
  palettes[name][dark ? 'dark' : 'light']

/** The colour of an index; indices beyond the palette begin again. */
export function paletteColour(colours: readonly string[], index: number): string {
  return colours[((index % colours.length) + colours.length) % colours.length] ?? '#777777'
}
