import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { enginesFolder } from '../../base/homeFolder.ts'

/** What the installer leaves beside the libraries; its absence means that nothing is installed. */
const record = z.object({
  format: z.literal(1),
  /** The wheel that the libraries come from. */
  package: z.string(),
  version: z.string(),
  gpu: z.boolean(),
  verified: z.boolean()
})
export type InstalledTensorflow = z.infer<typeof record>

/** Where an installed TensorFlow engine lives. */
export const tensorflowFolder = (): string => join(enginesFolder(), 'tensorflow')

/** Names in `lib/`: what is loaded, and what it is linked with. */
const bindingName = 'tfjs_binding.node'
const libraryNames = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']

/** The native module of tfjs-node-gpu that was built here. */
export const bindingPath = (): string => join(tensorflowFolder(), 'lib', bindingName)

/** The files that are loaded. */
export const libraryPaths = (): string[] =>
  [bindingName, ...libraryNames].map(name => join(tensorflowFolder(), 'lib', name))

/** What is installed, or in one sentence why it cannot be used; nothing is loaded. */
export function readInstalled(): { readonly installed: InstalledTensorflow } | { readonly reason: string } {
  const file = join(tensorflowFolder(), 'engine.json')
  if (!existsSync(file))
    return { reason: 'it is not installed; install it with: stitchwork engines install tensorflow' }
  const missing = [bindingName, ...libraryNames].find(
    name => !existsSync(join(tensorflowFolder(), 'lib', name))
  )
  if (missing !== undefined)
    return {
      reason: `its file ${missing} is missing; install it again with: stitchwork engines install tensorflow`
    }
  try {
    const installed = record.parse(JSON.parse(readFileSync(file, 'utf8')))
    if (installed.verified) return { installed }
    return {
      reason:
        'it was never tried after it was built; install it again with: stitchwork engines install tensorflow'
    }
  } catch {
    return {
      reason:
        'its engine.json is damaged or of another version of this app; install it again with: stitchwork engines install tensorflow'
    }
  }
}
