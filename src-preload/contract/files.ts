import { z } from 'zod'
import { call } from './define.ts'
import { empty } from './values.ts'

/** A file or folder the person may choose; the handle is opaque, the path never reaches the page. */
export const fileEntry = z.object({
  handle: z.string(),
  name: z.string(),
  kind: z.enum(['file', 'folder']),
  sizeBytes: z.number(),
  /** Name of the importer that recognises it by its first bytes, for a badge; null when none does. */
  recognised: z.string().nullable()
})
export type FileEntry = z.infer<typeof fileEntry>

const fileListing = z.object({
  title: z.string(),
  parent: z.string().nullable(),
  entries: z.array(fileEntry),
  /** Names of a very full folder that are not among the entries. */
  omitted: z.number().int()
})
export type FileListing = z.infer<typeof fileListing>

export const filesContract = {
  /** The system's own dialog; `unsupported` where the host has none (see app.info). Null when dismissed. */
  pick: call(z.object({ kind: z.enum(['file', 'folder']) }), fileEntry.nullable()),
  /** A listing on the machine that hosts the app, under its allowed roots; without a handle the roots themselves. */
  list: call(z.object({ handle: z.string().max(200).nullable().default(null) }), fileListing),
  /** Opens the folder of a dataset, run or export in the system's file manager. */
  reveal: call(z.object({ kind: z.enum(['dataset', 'run', 'home']), id: z.string() }), empty)
}
