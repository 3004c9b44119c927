import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { MainModule } from '@mujoco/mujoco'
import { messageOf, UserError } from '../../base/errors.ts'

export type MujocoModule = MainModule

let loading: Promise<MujocoModule> | null = null

/**
 * MuJoCo's WebAssembly module, one a process, loaded at the first call. Its memory may move whenever an object of MuJoCo's
 * is made; see `Simulation.views`.
 * @throws UserError('unsupported') when it cannot be loaded; the next call tries again
 */
export function mujocoModule(): Promise<MujocoModule> {
  loading ??= load().catch((error: unknown) => {
    loading = null
    throw new UserError(
      'unsupported',
      `MuJoCo cannot be loaded: ${messageOf(error)}; install the app again or choose an environment that is no robot`
    )
  })
  return loading
}

async function load(): Promise<MujocoModule> {
  const wasmBinary = await readFile(createRequire(import.meta.url).resolve('@mujoco/mujoco/mujoco.wasm'))
  const { default: open } = await import('@mujoco/mujoco')
  // Its warnings concern states that the episode already shows as failed.
  const silent = (): undefined => undefined
  return open({ wasmBinary, print: silent, printErr: silent })
}
