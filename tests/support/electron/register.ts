// Loaded before the built main: `electron` means the stand-in, and the process looks like Electron's.
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'

const standIn = pathToFileURL(join(import.meta.dirname, 'standIn.ts')).href
Object.defineProperty(process.versions, 'electron', { value: '45.4.1' })
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context)
})
