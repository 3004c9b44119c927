import { z } from 'zod'
import { call } from './define.ts'
import { engineProgress, installableId } from './engines.ts'
import { fileEntry } from './files.ts'
import { contract } from './index.ts'
import { empty } from './values.ts'

/**
 * What this user's own programs may ask beside the contract: it deals in paths, so it is served inside the process and on
 * the user-only socket of the home folder, never to a page.
 */
export const localContract = {
  /** A handle for a file or folder of this machine, as the page gets one from a dialog. */
  handle: call(z.object({ path: z.string().min(1).max(4096) }), fileEntry),
  /** Address of the page with its token; null where the host serves none. */
  page: call(
    empty,
    z.object({
      address: z.string().nullable(),
      pid: z.number().int(),
      host: z.enum(['desktop', 'serve', 'command'])
    })
  ),
  /** `engines.install` with paths, and with what a page may not choose: another package index. */
  installEngine: call(
    z.object({
      id: installableId,
      gpu: z.boolean(),
      wheels: z.array(z.string().min(1).max(4096)).max(64),
      index: z.string().max(2000).nullable(),
      /** Keeps what was downloaded. */
      keep: z.boolean()
    }),
    engineProgress
  ),
  /** Brings the window to the front; `unsupported` where the host has none. */
  showWindow: call(empty, empty)
}

/** The contract as the command line sees it. */
export const commandLineContract = { ...contract, local: localContract }
export type CommandLineContract = typeof commandLineContract
