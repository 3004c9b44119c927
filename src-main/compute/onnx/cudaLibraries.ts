import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { enginesFolder } from '../../base/homeFolder.ts'

/**
 * What a process needs in its environment, from its start, to run an engine: for `onnx-cuda` the CUDA libraries that an installed
 * TensorFlow engine brought, since the loader looks for them nowhere else but in its own path.
 * @returns variables to set; empty where nothing is needed or there
 */
export function environmentFor(
  engine: string,
  environment: NodeJS.ProcessEnv = process.env
): Record<string, string> {
  if (engine !== 'onnx-cuda') return {}
  const root = join(enginesFolder(environment), 'tensorflow', 'lib', 'nvidia')
  const folders = partsOf(root).map(part => join(root, part, 'lib'))
  if (folders.length === 0) return {}
  return { LD_LIBRARY_PATH: [...folders, environment.LD_LIBRARY_PATH ?? ''].filter(Boolean).join(':') }
}

function partsOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return [] // not installed, or without CUDA
  }
}
