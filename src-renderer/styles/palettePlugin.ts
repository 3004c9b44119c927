import type { Plugin } from 'vite'

/**
 * The kit writes its colours into a style element at start, which the page's CSP forbids. Ours stand in main.css instead, so
 * that part of the kit is replaced by nothing at build time.
 */
export const paletteInCss = (): Plugin => ({
  name: 'palette-in-css',
  enforce: 'pre',
  load: id =>
    /@nuxt[\\/]ui[\\/]dist[\\/]runtime[\\/]plugins[\\/]colors\.js/.test(id)
      ? 'export default { install() {} }'
      : null
})
